//! What a protected resource (RFC 9728) and an authorization server (RFC 8414) say of themselves.

use serde_json::Value;

use super::resource::{callable, covers};
use crate::wire::client::Url;

/// Of a protected resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ResourceMetadata {
    /// What tokens are requested for.
    pub resource: String,
    /// The issuer to log in at.
    pub issuer: String,
    pub scopes: Vec<String>,
}

/// Of an authorization server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServerMetadata {
    pub issuer: String,
    pub authorization_endpoint: Url,
    pub token_endpoint: Url,
    pub registration_endpoint: Option<Url>,
    /// Where a token is revoked (RFC 7009).
    pub revocation_endpoint: Option<Url>,
    /// Its answers to the browser name the issuer (RFC 9207).
    pub names_issuer: bool,
    /// How a client with a secret may send it.
    pub token_methods: Vec<String>,
}

/// Where the metadata of a resource may be, when its refusal does not say it: the well-known path
/// with that of the server, then without.
pub(super) fn resource_places(server: &Url) -> Vec<Url> {
    let path = server.path().trim_end_matches('/');
    let well_known = "/.well-known/oauth-protected-resource";
    let mut places = vec![at(server, &format!("{well_known}{path}"))];
    if !path.is_empty() {
        places.push(at(server, well_known));
    }
    places
}

/// Where the metadata of an issuer may be: OAuth, then OpenID Connect with its two places.
pub(super) fn issuer_places(issuer: &Url) -> Vec<Url> {
    let path = issuer.path().trim_end_matches('/');
    let mut places = vec![
        at(
            issuer,
            &format!("/.well-known/oauth-authorization-server{path}"),
        ),
        at(issuer, &format!("/.well-known/openid-configuration{path}")),
    ];
    if !path.is_empty() {
        places.push(at(
            issuer,
            &format!("{path}/.well-known/openid-configuration"),
        ));
    }
    places
}

fn at(url: &Url, path: &str) -> Url {
    let mut place = url.clone();
    place.set_path(path);
    place.set_query(None);
    place.set_fragment(None);
    place
}

/// Reads the metadata of the resource that covers a server. The error follows the URL.
pub(super) fn resource(value: &Value, server: &Url) -> Result<ResourceMetadata, String> {
    let resource = value["resource"].as_str().unwrap_or_default();
    if !covers(resource, server) {
        let resource = resource.escape_debug();
        return Err(format!("describes another resource: '{resource}'"));
    }
    let issuer = value["authorization_servers"][0].as_str();
    let issuer = issuer.ok_or("names no authorization server")?;
    if callable(issuer, server).is_none() {
        let issuer = issuer.escape_debug();
        return Err(format!(
            "names an authorization server that is not https: '{issuer}'"
        ));
    }
    Ok(ResourceMetadata {
        resource: resource.to_owned(),
        issuer: issuer.to_owned(),
        scopes: texts(&value["scopes_supported"]),
    })
}

/// Reads the metadata of an issuer. Without an issuer, its own is taken.
pub(super) fn server(
    value: &Value,
    issuer: Option<&str>,
    resource: &Url,
) -> Result<ServerMetadata, String> {
    let found = value["issuer"].as_str().unwrap_or_default();
    let is_same = |issuer: &str| found.trim_end_matches('/') == issuer.trim_end_matches('/');
    if found.is_empty() || !issuer.is_none_or(is_same) {
        let found = found.escape_debug();
        return Err(format!("is of another issuer: '{found}'"));
    }
    let methods = texts(&value["code_challenge_methods_supported"]);
    if !methods.iter().any(|method| method == "S256") {
        return Err("does not support PKCE with S256, which amx requires".to_owned());
    }
    let endpoint = |name: &str| {
        let text = value[name]
            .as_str()
            .ok_or_else(|| format!("has no {name}"))?;
        callable(text, resource).ok_or_else(|| format!("has a {name} that is not https"))
    };
    let has = |name: &str| value.get(name).is_some_and(|value| !value.is_null());
    let optional = |name: &str| has(name).then(|| endpoint(name)).transpose();
    Ok(ServerMetadata {
        issuer: found.to_owned(),
        authorization_endpoint: endpoint("authorization_endpoint")?,
        token_endpoint: endpoint("token_endpoint")?,
        registration_endpoint: optional("registration_endpoint")?,
        // A login works without it; a token that cannot be revoked expires.
        revocation_endpoint: endpoint("revocation_endpoint").ok(),
        names_issuer: value["authorization_response_iss_parameter_supported"] == true,
        token_methods: texts(&value["token_endpoint_auth_methods_supported"]),
    })
}

fn texts(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn metadata_is_looked_for_in_the_places_of_the_standards() {
        let shown = |places: Vec<Url>| places.iter().map(Url::to_string).collect::<Vec<_>>();
        assert_eq!(
            shown(resource_places(&url("https://h/a/mcp?x"))),
            [
                "https://h/.well-known/oauth-protected-resource/a/mcp",
                "https://h/.well-known/oauth-protected-resource",
            ]
        );
        assert_eq!(
            shown(issuer_places(&url("https://as/tenant/"))),
            [
                "https://as/.well-known/oauth-authorization-server/tenant",
                "https://as/.well-known/openid-configuration/tenant",
                "https://as/tenant/.well-known/openid-configuration",
            ]
        );
        assert_eq!(issuer_places(&url("https://as")).len(), 2);
    }

    #[test]
    fn the_resource_is_the_server_and_its_issuer_is_https() {
        let server = url("https://h/mcp");
        let read = |value| resource(&value, &server);
        let good = json!({"resource": "https://h/mcp", "authorization_servers": ["https://as"]});
        assert_eq!(read(good).unwrap().issuer, "https://as");
        for (value, says) in [
            (
                json!({"resource": "https://evil/mcp"}),
                "another resource: 'https://evil/mcp'",
            ),
            (json!({}), "another resource"),
            (
                json!({"resource": "https://h"}),
                "names no authorization server",
            ),
            (
                json!({"resource": "https://h", "authorization_servers": ["http://as"]}),
                "is not https",
            ),
        ] {
            assert!(read(value.clone()).unwrap_err().contains(says), "{value}");
        }
    }

    #[test]
    fn an_endpoint_that_is_null_is_missing_and_one_to_revoke_is_optional() {
        let here = url("https://h/mcp");
        let of = |revocation: Value| {
            let value = json!({
                "issuer": "https://as",
                "authorization_endpoint": "https://as/authorize",
                "token_endpoint": "https://as/token",
                "registration_endpoint": null,
                "revocation_endpoint": revocation,
                "code_challenge_methods_supported": ["S256"],
            });
            let found = server(&value, None, &here).unwrap();
            assert_eq!(found.registration_endpoint, None);
            found.revocation_endpoint
        };
        assert_eq!(of(json!("https://as/r")), Some(url("https://as/r")));
        assert_eq!([of(json!(null)), of(json!("http://as/r"))], [None, None]);
    }

    #[test]
    fn an_issuer_is_itself_and_supports_pkce() {
        let good = json!({
            "issuer": "https://as/",
            "authorization_endpoint": "https://as/authorize",
            "token_endpoint": "https://as/token",
            "code_challenge_methods_supported": ["plain", "S256"],
        });
        let here = url("https://h/mcp");
        assert!(server(&good, Some("https://as"), &here).is_ok());
        assert!(server(&good, None, &here).is_ok());
        let other = server(&good, Some("https://evil"), &here);
        assert!(other.unwrap_err().contains("another issuer: 'https://as/'"));
        for (field, value, says) in [
            ("code_challenge_methods_supported", json!(["plain"]), "S256"),
            (
                "token_endpoint",
                json!("http://as/token"),
                "token_endpoint that is not https",
            ),
            (
                "authorization_endpoint",
                json!(null),
                "has no authorization_endpoint",
            ),
            (
                "registration_endpoint",
                json!("http://127.0.0.1/r"),
                "registration_endpoint",
            ),
        ] {
            let mut metadata = good.clone();
            metadata[field] = value;
            let why = server(&metadata, None, &here).unwrap_err();
            assert!(why.contains(says), "{field}: {why}");
        }
    }
}
