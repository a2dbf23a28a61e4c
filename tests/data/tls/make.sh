#!/bin/sh
# Makes the certificates of the tests anew: an authority that nobody trusts, one certificate for this machine and one for a
# name that is not this machine's. All are valid for a hundred years; the authority's key is thrown away.
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
days=36500

make_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

make_key "$scratch/authority.key"
openssl req -x509 -new -key "$scratch/authority.key" -days $days -out test-only-authority.pem -subj "/CN=amx test-only authority" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign"

make_key test-only-server.key
certify() {
  openssl req -new -key test-only-server.key -subj "/CN=amx test-only $1" -out "$scratch/request"
  printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=%s\n' "$2" >"$scratch/ext"
  openssl x509 -req -in "$scratch/request" -CA test-only-authority.pem -CAkey "$scratch/authority.key" -days $days \
    -extfile "$scratch/ext" -out "test-only-$1.pem"
}
certify loopback "IP:127.0.0.1,DNS:localhost"
certify elsewhere "DNS:elsewhere.example"
