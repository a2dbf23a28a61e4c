//! Attachments with `-f`: the form of each kind in the request, and what is refused before
//! anything is sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::double::{Double, Recorded};
use crate::support::outcome::Outcome;
use crate::support::reply;
use crate::support::routes;
use crate::support::sandbox::Sandbox;

/// The smallest PNG there is: one transparent pixel.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

const PDF: &[u8] = b"%PDF-1.4\n%%EOF\n";

/// A sandbox with folders below its home.
fn with_folders(mut sandbox: Sandbox, folders: &[&str]) -> Sandbox {
    for folder in folders {
        std::fs::create_dir_all(sandbox.home().join(folder)).unwrap();
        sandbox = sandbox.scratch(folder);
    }
    sandbox
}

/// A small project: sources, an ignored file, an image, a hidden file.
fn project(sandbox: Sandbox) -> Sandbox {
    let sandbox = with_folders(sandbox, &["src/inner", "src/.cache"]).file(".ignore", "*.log\n");
    let sandbox = sandbox
        .file("src/main.rs", "fn main() {}\n")
        .file("src/inner/a b.rs", "mod inner;\n")
        .file("src/.cache/x.rs", "hidden\n");
    sandbox
        .file("src/trace.log", "ignored\n")
        .file("src/pixel.png", STANDARD.decode(PIXEL).unwrap())
        .file("src/empty.rs", "")
}

/// Asks with these files and arguments; gives the parts that reached the double.
#[track_caller]
fn parts_of(prepare: impl FnOnce(Sandbox) -> Sandbox, arguments: &[&str]) -> Vec<Value> {
    let (request, _) = asked(prepare, arguments);
    match request.prompt() {
        Value::Array(parts) => parts,
        other => vec![other],
    }
}

#[track_caller]
fn asked(prepare: impl FnOnce(Sandbox) -> Sandbox, arguments: &[&str]) -> (Recorded, Outcome) {
    let double = Double::start([reply::stream(["Hello"])]);
    let outcome = prepare(Sandbox::with(&double)).run(["chat"].iter().chain(arguments));
    outcome.assert_code(0).assert_stdout("Hello\n");
    (double.request(), outcome)
}

/// Expects that nothing is sent.
#[track_caller]
fn refused(prepare: impl FnOnce(Sandbox) -> Sandbox, arguments: &[&str], code: i32) -> Outcome {
    let double = Double::start([]);
    let outcome = prepare(Sandbox::with(&double)).run(["chat"].iter().chain(arguments));
    outcome.assert_failure(code);
    outcome
}

fn texts(parts: &[Value]) -> Vec<&str> {
    parts
        .iter()
        .map(|part| part["text"].as_str().unwrap_or("(no text)"))
        .collect()
}

#[test]
fn a_text_file_is_sent_with_its_name() {
    let parts = parts_of(
        |sandbox| sandbox.file("notes.txt", "the answer is 42\n"),
        &["-f", "notes.txt", "What is the answer?"],
    );
    assert_eq!(
        texts(&parts),
        [
            "What is the answer?",
            "notes.txt:\n```\nthe answer is 42\n```"
        ]
    );
}

#[test]
fn several_files_are_sent_in_order() {
    let prepare = |sandbox: Sandbox| sandbox.file("a.txt", "ALPHA").file("b.txt", "BETA");
    let parts = parts_of(
        prepare,
        &["-f", "b.txt", "--file", "a.txt", "compare", "-f", "./b.txt"],
    );
    assert_eq!(
        texts(&parts),
        [
            "compare",
            "b.txt:\n```\nBETA\n```",
            "a.txt:\n```\nALPHA\n```"
        ]
    );
}

#[test]
fn an_image_is_a_part_after_the_text() {
    let parts = parts_of(
        |sandbox| sandbox.file("pixel.txt", STANDARD.decode(PIXEL).unwrap()),
        &["-f", "pixel.txt", "What is this?"],
    );
    assert_eq!(parts[0], json!({"type": "text", "text": "What is this?"}));
    assert_eq!(
        parts[1],
        json!({"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{PIXEL}")}})
    );
}

#[test]
fn audio_video_and_documents_have_their_own_parts() {
    let prepare = |sandbox: Sandbox| {
        let sandbox = sandbox
            .file("s", b"fLaC\0\0\0\x22")
            .file("f", b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm")
            .file("d", PDF);
        sandbox.file("v.m4a", b"\0\0\0\x1cftypM4A \0\0\0\0")
    };
    let parts = parts_of(
        prepare,
        &["-f", "s", "-f", "f", "-f", "d", "-f", "v.m4a", "hi"],
    );
    let base64 = |bytes: &[u8]| STANDARD.encode(bytes);
    assert_eq!(
        parts[1],
        json!({"type": "input_audio", "input_audio": {"data": base64(b"fLaC\0\0\0\x22"), "format": "flac"}})
    );
    let film = format!(
        "data:video/webm;base64,{}",
        base64(b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm")
    );
    assert_eq!(
        parts[2],
        json!({"type": "video_url", "video_url": {"url": film}})
    );
    let document = format!("data:application/pdf;base64,{}", base64(PDF));
    assert_eq!(
        parts[3],
        json!({"type": "file", "file": {"filename": "d", "file_data": document}})
    );
    assert_eq!(parts[4]["input_audio"]["format"], "m4a");
}

#[test]
fn text_with_a_byte_order_mark_is_read() {
    let prepare = |sandbox: Sandbox| {
        sandbox
            .file("a.txt", b"\xff\xfeh\0\xe9\0")
            .file("b.txt", b"\xef\xbb\xbfplain")
    };
    assert_eq!(
        texts(&parts_of(prepare, &["-f", "a.txt", "-f", "b.txt", "hi"]))[1..],
        ["a.txt:\n```\nhé\n```", "b.txt:\n```\nplain\n```"]
    );
}

#[test]
fn a_name_stays_on_its_line_and_a_text_in_its_fence() {
    let parts = parts_of(
        |sandbox| sandbox.file("x\n```\nSystem.md", "a\n```\nb"),
        &["-f", "x\n```\nSystem.md", "hi"],
    );
    assert_eq!(
        texts(&parts)[1],
        "x\\u{a}\\u{60}\\u{60}\\u{60}\\u{a}System.md:\n````\na\n```\nb\n````"
    );
}

#[test]
fn a_folder_attaches_its_text_files_and_counts_the_skipped_ones() {
    let (request, outcome) = asked(project, &["-f", "src/", "explain"]);
    let Value::Array(parts) = request.prompt() else {
        panic!("no parts")
    };
    assert_eq!(
        texts(&parts),
        [
            "explain",
            "src/inner/a b.rs:\n```\nmod inner;\n```",
            "src/main.rs:\n```\nfn main() {}\n```"
        ]
    );
    outcome.assert_stderr_has("note: src/: skipped: 1 not text, 1 empty");
}

#[test]
fn a_file_with_binary_data_after_a_text_start_is_skipped() {
    let late = [b"x".repeat(9000).as_slice(), b"\xe9\n"].concat();
    let prepare = |sandbox: Sandbox| {
        with_folders(sandbox, &["d"])
            .file("d/late.txt", &late)
            .file("d/a.txt", "a")
    };
    let (request, outcome) = asked(prepare, &["-f", "d", "hi"]);
    assert_eq!(request.prompt().as_array().unwrap().len(), 2);
    outcome.assert_stderr_has("skipped: 1 not text");
}

#[test]
fn a_pattern_attaches_each_match_once() {
    let parts = parts_of(
        project,
        &[
            "-f",
            "src/**/*.rs",
            "-f",
            "src",
            "-f",
            "src/*.png",
            "explain",
        ],
    );
    assert_eq!(parts.len(), 4, "{parts:?}");
    assert!(
        texts(&parts)[1].starts_with("src/inner/a b.rs:")
            && texts(&parts)[2].starts_with("src/main.rs:")
    );
    assert_eq!(parts[3]["type"], "image_url");
}

#[test]
fn a_file_whose_name_looks_like_a_pattern_is_that_file() {
    let parts = parts_of(
        |sandbox| sandbox.file("a[1].txt", "literal").file("a1.txt", "other"),
        &["-f", "a[1].txt", "hi"],
    );
    assert_eq!(texts(&parts)[1], "a[1].txt:\n```\nliteral\n```");
}

#[test]
fn a_pattern_without_a_match_suggests_the_nearest_name() {
    let outcome = refused(project, &["-f", "src/**/*.ry", "hi"], 5);
    outcome
        .assert_stderr_has("no file matches src/**/*.ry")
        .assert_stderr_has("src/main.rs");
    let outcome = refused(project, &["-f", "src/*.log", "hi"], 5);
    outcome
        .assert_stderr_has("1 file that .gitignore or .ignore excludes")
        .assert_stderr_has("-f src/trace.log");
}

#[test]
fn force_raises_the_limits_of_folders() {
    let many = |mut sandbox: Sandbox| {
        sandbox = with_folders(sandbox, &["many"]);
        (0..201).fold(sandbox, |sandbox, index| {
            sandbox.file(&format!("many/{index:03}.txt"), "x")
        })
    };
    let outcome = refused(many, &["-f", "many", "hi"], 5);
    outcome
        .assert_stderr_has("201 files of 201 B, more than 200 files or 2 MiB")
        .assert_stderr_has("the largest: many/000.txt")
        .assert_stderr_has("--force");
    assert_eq!(parts_of(many, &["--force", "-f", "many", "hi"]).len(), 202);
}

#[test]
fn all_unsendable_attachments_are_reported_before_sending() {
    let prepare = |sandbox: Sandbox| {
        let sandbox = sandbox
            .file("noise.bin", [0, 159, 146, 150, 0, 1, 2])
            .file("empty.txt", "")
            .file("good", "fine");
        with_folders(sandbox, &["folder"])
    };
    let names = ["missing.txt", "noise.bin", "empty.txt", "folder"];
    for name in names {
        refused(prepare, &["-f", name, "hi"], 5).assert_stderr_has(name);
    }
    let all: Vec<&str> = names
        .iter()
        .flat_map(|name| ["-f", name])
        .chain(["-f", "good", "hi"])
        .collect();
    let outcome = refused(prepare, &all, 5);
    outcome
        .assert_stderr_has(
            "4 of the attachments cannot be sent: missing.txt, noise.bin, empty.txt, folder",
        )
        .assert_stderr_lacks("good");
}

#[test]
fn unsupported_file_types_suggest_a_conversion() {
    for (name, bytes, what, hint) in [
        (
            "p.jpg",
            &b"\0\0\0\x18ftypheic\0\0\0\0"[..],
            "a HEIC image",
            "magick p.jpg p.jpg.png",
        ),
        (
            "d.svg",
            b"<svg xmlns=\"x\"/>",
            "an SVG drawing",
            "rsvg-convert",
        ),
        (
            "r.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "an Office document",
            "soffice --headless --convert-to pdf r.docx",
        ),
        (
            "old.txt",
            b"caf\xe9\n",
            "not in UTF-8 (byte 3)",
            "iconv -f WINDOWS-1252",
        ),
    ] {
        refused(|sandbox| sandbox.file(name, bytes), &["-f", name, "hi"], 5)
            .assert_stderr_has(what)
            .assert_stderr_has(hint);
    }
    refused(
        |sandbox| sandbox.file("notes.txt", "x"),
        &["-f", "notse.txt", "hi"],
        5,
    )
    .assert_stderr_has("did you mean notes.txt?");
    let dangling = |sandbox: Sandbox| {
        std::os::unix::fs::symlink("nowhere", sandbox.home().join("link.txt")).unwrap();
        sandbox
    };
    refused(dangling, &["-f", "link.txt", "hi"], 5).assert_stderr_lacks("did you mean");
}

#[test]
fn too_large_a_file_is_refused_unread() {
    let prepare = |sandbox: Sandbox| {
        std::fs::File::create(sandbox.home().join("large"))
            .unwrap()
            .set_len(20 * 1024 * 1024 + 1)
            .unwrap();
        sandbox
    };
    refused(prepare, &["--force", "-f", "large", "hi"], 5)
        .assert_stderr_has("large is 20.1 MiB, and at most 20 MiB can be attached");
}

#[test]
fn too_much_together_is_refused_unread() {
    let prepare = |sandbox: Sandbox| {
        for name in ["a", "b", "c"] {
            std::fs::File::create(sandbox.home().join(name))
                .unwrap()
                .set_len(20 * 1024 * 1024)
                .unwrap();
        }
        sandbox
    };
    let outcome = refused(prepare, &["-f", "a", "-f", "b", "-f", "c", "hi"], 5);
    outcome
        .assert_stderr_has("the attachments are 60 MiB together, more than 50 MiB")
        .assert_stderr_has("the largest: a (20 MiB)");
}

#[test]
fn urls_are_sent_and_never_fetched() {
    let addresses = [
        "https://x.example/a.png?sig=1",
        "https://x.example/plan.pdf",
        "https://youtu.be/abc",
    ];
    let arguments: Vec<&str> = addresses
        .iter()
        .flat_map(|address| ["-f", address])
        .chain(["hi"])
        .collect();
    let parts = parts_of(|sandbox| sandbox, &arguments);
    assert_eq!(
        parts[1],
        json!({"type": "image_url", "image_url": {"url": addresses[0]}})
    );
    assert_eq!(
        parts[2],
        json!({"type": "file", "file": {"filename": "plan.pdf", "file_data": addresses[1]}})
    );
    assert_eq!(
        parts[3],
        json!({"type": "video_url", "video_url": {"url": addresses[2]}})
    );
    for (address, why) in [
        ("http://x.example/a.png", "plain http"),
        (
            "https://me:hunter2@x.example/a.png",
            "a user name or password",
        ),
        ("https://x.example/a.mp3", "curl -L -o a.mp3"),
        ("https://x.example/page", "curl -L -o FILE"),
    ] {
        refused(|sandbox| sandbox, &["-f", address, "hi"], 5)
            .assert_stderr_has(why)
            .assert_stderr_lacks("hunter2");
    }
}

#[test]
fn a_pipe_is_attached_under_a_name() {
    let parts = parts_of(
        |sandbox| sandbox.stdin("- a\n+ b\n"),
        &["-f", "changes.diff=-", "review"],
    );
    assert_eq!(
        texts(&parts),
        ["review", "changes.diff:\n```\n- a\n+ b\n```"]
    );
    let parts = parts_of(
        |sandbox| sandbox.stdin(STANDARD.decode(PIXEL).unwrap()),
        &["-f", "-", "what?"],
    );
    assert_eq!(
        parts[1]["image_url"]["url"],
        format!("data:image/png;base64,{PIXEL}")
    );
    assert_eq!(
        parts_of(|sandbox| sandbox.stdin("only this"), &["-f", "-"]),
        ["stdin:\n```\nonly this\n```"]
    );
}

#[test]
fn stdin_is_read_once_and_must_not_be_empty() {
    for arguments in [
        &["-", "-f", "-"][..],
        &["-f", "-", "-f", "x=-", "hi"],
        &["--no-stdin", "-f", "-", "hi"],
    ] {
        refused(|sandbox| sandbox.stdin("text"), arguments, 2).assert_mentions("stdin");
    }
    refused(|sandbox| sandbox.stdin(""), &["-f", "-", "hi"], 5)
        .assert_stderr_has("no data on stdin");
    refused(|sandbox| sandbox, &["-f", "-", "hi"], 5).assert_stderr_has("no data on stdin");
    refused(|sandbox| sandbox.stdin([0, 1, 2]), &["-f", "-", "hi"], 5)
        .assert_mentions("neither text nor");
}

/// A desktop with `wl-paste` that offers these types and prints the file `picture`.
fn desktop(sandbox: Sandbox, types: &str) -> Sandbox {
    let sandbox = with_folders(sandbox, &["bin"]);
    let script = format!(
        "echo \"${{OPENROUTER_API_KEY-withheld}} $*\" >> \"$HOME/calls\"\ncase $1 in --list-types) printf '{types}';; *) cat \"$HOME/picture\";; esac"
    );
    let path = format!("{}:/usr/bin:/bin", sandbox.home().join("bin").display());
    sandbox
        .script("bin/wl-paste", &script)
        .env("PATH", path)
        .env("WAYLAND_DISPLAY", "wayland-0")
        .file("calls", "")
}

#[test]
fn an_image_is_read_from_the_clipboard() {
    let double = Double::start([reply::stream(["Hello"])]);
    let sandbox = desktop(Sandbox::with(&double), "text/html\\nimage/png\\n")
        .file("picture", STANDARD.decode(PIXEL).unwrap());
    sandbox
        .run(["chat", "-f", "clipboard:", "what?"])
        .assert_answer("Hello\n");
    let Value::Array(parts) = double.request().prompt() else {
        panic!("no parts")
    };
    assert_eq!(
        parts[1]["image_url"]["url"],
        format!("data:image/png;base64,{PIXEL}")
    );
    let calls = std::fs::read_to_string(sandbox.home().join("calls")).unwrap();
    assert_eq!(
        calls,
        "withheld --list-types\nwithheld --no-newline --type image/png\n"
    );
}

#[test]
fn a_clipboard_without_an_image_is_an_error() {
    let clipboard = &["-f", "clipboard:", "what?"];
    refused(|sandbox| desktop(sandbox, "text/plain\\n"), clipboard, 5)
        .assert_stderr_has("the clipboard holds text/plain, not an image");
    refused(
        |sandbox| desktop(sandbox, "image/png\\n").file("picture", "no picture"),
        clipboard,
        5,
    )
    .assert_stderr_has("not a PNG, JPEG, WebP or GIF");
    refused(|sandbox| sandbox, clipboard, 5).assert_stderr_has("no supported desktop was found");
    refused(
        |sandbox| {
            sandbox
                .env("WAYLAND_DISPLAY", "w")
                .env("PATH", "/nonexistent")
        },
        clipboard,
        5,
    )
    .assert_stderr_has("wl-paste is not installed");
    refused(
        |sandbox| desktop(sandbox, "image/png\\n").env("SSH_TTY", "/dev/pts/1"),
        clipboard,
        5,
    )
    .assert_stderr_has("SSH");
    let endless = |sandbox| {
        desktop(sandbox, "image/png\\n").script(
            "bin/wl-paste",
            "case $1 in --list-types) echo image/png;; *) cat /dev/zero;; esac",
        )
    };
    refused(endless, clipboard, 5).assert_stderr_has("larger than 20 MiB");
}

fn plugins(arguments: &[&str], config: &str) -> (Value, Outcome) {
    let config = format!("llm_profiles:\n  work: {{model: a/b{config}}}\n");
    let (request, outcome) = asked(
        |sandbox| sandbox.file("d.pdf", PDF).file("t.txt", "x").config(config),
        &[&["hi"], arguments].concat(),
    );
    (request.json()["plugins"].clone(), outcome)
}

#[test]
fn pdfs_use_the_free_parser_by_default() {
    let parser = |engine: &str| json!([{"id": "file-parser", "pdf": {"engine": engine}}]);
    assert_eq!(plugins(&["-f", "t.txt"], "").0, Value::Null);
    assert_eq!(
        plugins(&["-f", "t.txt", "--pdf-engine", "ocr"], "").0,
        Value::Null
    );
    assert_eq!(plugins(&["-f", "d.pdf"], "").0, parser("cloudflare-ai"));
    assert_eq!(
        plugins(&["-f", "d.pdf"], ", pdf_engine: native").0,
        parser("native")
    );
    assert_eq!(
        plugins(
            &["-f", "d.pdf", "--pdf-engine", "free"],
            ", pdf_engine: ocr"
        )
        .0,
        parser("cloudflare-ai")
    );
    let (sent, outcome) = plugins(&["-f", "d.pdf", "--pdf-engine", "ocr"], "");
    assert_eq!(sent, parser("mistral-ocr"));
    outcome.assert_stderr_has("note: OCR of the PDF costs about $2 per 1,000 pages");
}

#[test]
fn plugins_of_the_users_own_stay() {
    let own = ", openrouter: {plugins: [{id: web}, {id: file-parser, pdf: {engine: mistral-ocr}}]}";
    let (sent, outcome) = plugins(&["-f", "d.pdf"], own);
    assert_eq!(
        sent,
        json!([{"id": "web"}, {"id": "file-parser", "pdf": {"engine": "mistral-ocr"}}])
    );
    outcome.assert_stderr_has("OCR of the PDF costs about $2");
    let (sent, outcome) = plugins(&["-f", "d.pdf", "--pdf-engine", "free"], own);
    assert_eq!(
        sent,
        json!([{"id": "web"}, {"id": "file-parser", "pdf": {"engine": "cloudflare-ai"}}])
    );
    outcome.assert_stderr_lacks("ocr");
    let (sent, _) = plugins(&["-f", "d.pdf", "-o", r#"plugins=[{"id":"web"}]"#], "");
    assert_eq!(
        sent,
        json!([{"id": "web"}, {"id": "file-parser", "pdf": {"engine": "cloudflare-ai"}}])
    );
    let both = &[
        "-f",
        "d.pdf",
        "--pdf-engine",
        "free",
        "-o",
        r#"plugins=[{"id":"file-parser"}]"#,
        "hi",
    ];
    refused(|sandbox| sandbox.file("d.pdf", PDF), both, 2).assert_stderr_has("set the same option");
}

#[test]
fn ocr_is_refused_under_a_cap() {
    let prepare = |sandbox: Sandbox| {
        sandbox
            .file("d.pdf", PDF)
            .config("llm_profiles:\n  work: {model: a/b, price: {input: 1, output: 1}}\n")
    };
    let outcome = refused(
        prepare,
        &[
            "-f",
            "d.pdf",
            "--pdf-engine",
            "ocr",
            "--max-cost",
            "5",
            "hi",
        ],
        14,
    );
    outcome
        .assert_stderr_has("depends on the pages")
        .assert_stderr_has("--pdf-engine free");
    asked(prepare, &["-f", "d.pdf", "--max-cost", "5", "hi"]);
}

#[test]
fn a_parsed_document_is_saved_and_sent_back() {
    let parse = json!({"type": "file", "file": {"hash": "5f0c", "name": "d.pdf", "content": [{"type": "text", "text": "page 漢"}]}});
    let event = json!({"choices": [{"index": 0, "delta": {"role": "assistant", "content": "", "annotations": [parse]}, "finish_reason": null}]});
    let double = Double::start([
        reply::stream(["A plan."]).event(event),
        reply::stream(["Yes."]),
        reply::stream(["No."]),
    ]);
    let sandbox = Sandbox::with(&double)
        .file("d.pdf", PDF)
        .config("llm_profiles:\n  work: {model: a/b}\n");
    sandbox
        .run(["chat", "-f", "d.pdf", "--pdf-engine", "ocr", "what is it?"])
        .assert_code(0)
        .assert_stderr_has("costs about $2");
    sandbox
        .run(["chat", "-c", "--pdf-engine", "ocr", "sure?"])
        .assert_code(0)
        .assert_stderr_lacks("costs about $2");
    sandbox.run(["chat", "-c", "really?"]).assert_code(0);
    for request in &double.requests()[1..] {
        let body = request.json();
        assert_eq!(body["messages"][1]["annotations"], json!([parse]), "{body}");
        assert_eq!(body["messages"][0]["content"][1]["type"], "file");
    }
    assert_eq!(
        double.requests()[1].json()["messages"][2].get("annotations"),
        None
    );
    assert_eq!(
        double.requests()[2].json()["plugins"][0]["pdf"]["engine"],
        "cloudflare-ai"
    );
}

/// A list of models that is kept: one that takes nothing but text, and little of it, and one that
/// takes everything.
fn listed(double: &Double) -> Sandbox {
    let model = |id: &str, input: Value, context: u64| {
        json!({"id": id, "context_length": context, "architecture": {"input_modalities": input}, "pricing": {"prompt": "0.000001", "completion": "0.000002"},
            "supported_parameters": ["max_tokens"]})
    };
    double.learn(routes::listed(vec![
        model("acme/plain", json!(["text"]), 1000),
        model(
            "acme/all",
            json!(["text", "file", "video", "image"]),
            1_000_000,
        ),
    ]));
    let sandbox = Sandbox::with(double)
        .config("")
        .file("d.pdf", PDF)
        .file("f", b"\0\0\0\x20ftypisom\0\0\x02\0")
        .file("long.txt", "word ".repeat(1000));
    sandbox.run(["models", "sync"]).assert_code(0);
    sandbox
}

#[test]
fn the_catalogue_decides_which_attachments_are_accepted() {
    let double = Double::start([
        reply::stream(["Hello"]),
        reply::stream(["Hello"]),
        reply::stream(["Hello"]),
    ]);
    let sandbox = listed(&double);
    let ask = |arguments: &[&str]| sandbox.run(["chat", "hi", "-m"].iter().chain(arguments));
    ask(&["acme/plain", "-f", "f"])
        .assert_failure(2)
        .assert_stderr_has("does not support video input")
        .assert_stderr_has("acme/all");
    ask(&["acme/plain", "-f", "d.pdf", "--pdf-engine", "native"])
        .assert_failure(2)
        .assert_stderr_has("--pdf-engine free");
    ask(&["acme/plain", "-f", "d.pdf"]).assert_code(0);
    ask(&["acme/all", "-f", "d.pdf"]).assert_code(0);
    ask(&["acme/all", "-f", "f"]).assert_code(0);
    let engine =
        |index: usize| double.requests()[index].json()["plugins"][0]["pdf"]["engine"].clone();
    assert_eq!([engine(1), engine(2)], ["cloudflare-ai", "native"]);
}

#[test]
fn a_text_above_the_context_length_is_refused_with_the_calculation() {
    let double = Double::start([
        reply::stream(["Hello"]),
        reply::stream(["Hello"]),
        reply::stream(["Hello"]),
    ]);
    let sandbox = listed(&double);
    let ask = |arguments: &[&str]| {
        sandbox.run(
            ["chat", "hi", "-f", "long.txt", "-m"]
                .iter()
                .chain(arguments),
        )
    };
    let outcome = ask(&["acme/plain"]);
    outcome
        .assert_failure(2)
        .assert_stderr_has(
            "the prompt has about 1,256 tokens, but the context window of acme/plain is 1,000",
        )
        .assert_stderr_has("5,020 characters")
        .assert_stderr_has("--force");
    ask(&["acme/plain", "--force"])
        .assert_code(0)
        .assert_stderr_has("warning: the prompt has about");
    ask(&["acme/plain", "-o", "transforms=middle-out"]).assert_code(0);
    ask(&["acme/all"]).assert_code(0);
}
