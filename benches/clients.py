"""Runs the SDKs against amx serve: answers, streams, an interrupted stream, a refusal."""

import datetime
import importlib.metadata
import sys

import anthropic
import openai
from langchain_openai import ChatOpenAI

base, key = sys.argv[1], sys.argv[2]
openai_client = openai.OpenAI(base_url=base, api_key=key)
anthropic_client = anthropic.Anthropic(base_url=base.removesuffix("/v1"), auth_token=key)
HELLO = [{"role": "user", "content": "hi"}]


def chat():
    answer = openai_client.chat.completions.create(model="a/b", messages=HELLO)
    assert answer.choices[0].message.content == "Hello"


def chat_stream(model="a/b"):
    stream = openai_client.chat.completions.create(model=model, messages=HELLO, stream=True)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert text == "Hello", text


def responses():
    assert openai_client.responses.create(model="a/b", input="hi").output_text == "Hello"


def responses_stream(model="a/b"):
    events = list(openai_client.responses.create(model=model, input="hi", stream=True))
    assert events[-1].type == "response.completed", events[-1].type


def models():
    assert "a/b" in [model.id for model in openai_client.models.list()]
    assert openai_client.models.retrieve("a/b").id == "a/b"


def embeddings():
    answer = openai_client.embeddings.create(model="e/m", input="x", encoding_format="float")
    assert answer.data[0].embedding == [0.5, 0.25]


def messages():
    answer = anthropic_client.messages.create(model="a/b", max_tokens=5, messages=HELLO)
    assert answer.content[0].text == "Hello"


def messages_stream(model="a/b"):
    with anthropic_client.messages.stream(model=model, max_tokens=5, messages=HELLO) as stream:
        assert "".join(stream.text_stream) == "Hello"


def langchain():
    assert ChatOpenAI(model="a/b", base_url=base, api_key=key).invoke("hi").content == "Hello"


def langchain_stream(model="a/b"):
    chunks = ChatOpenAI(model=model, base_url=base, api_key=key).stream("hi")
    assert "".join(chunk.content for chunk in chunks) == "Hello"


def raises(work, kind):
    def check():
        try:
            work()
        except kind:
            return
        raise AssertionError("no exception")

    return check


CHECKS = {
    "openai": [
        ("chat", chat),
        ("chat, stream", chat_stream),
        ("chat, cut stream raises", raises(lambda: chat_stream("x/cut"), openai.APIError)),
        ("chat, 503 raises", raises(lambda: chat_stream("x/503"), openai.APIStatusError)),
        ("responses", responses),
        ("responses, stream", responses_stream),
        (
            "responses, cut stream raises",
            raises(lambda: responses_stream("x/cut"), openai.APIError),
        ),
        ("embeddings", embeddings),
        ("models", models),
    ],
    "anthropic": [
        ("messages", messages),
        ("messages, stream", messages_stream),
        (
            "messages, cut stream raises",
            raises(lambda: messages_stream("x/cut"), anthropic.APIError),
        ),
        ("messages, 503 raises", raises(lambda: messages_stream("x/503"), anthropic.APIError)),
    ],
    "langchain-openai": [
        ("invoke", langchain),
        ("stream", langchain_stream),
        ("cut stream raises", raises(lambda: langchain_stream("x/cut"), Exception)),
    ],
}

failed = 0
print(datetime.date.today().isoformat())
for package, checks in CHECKS.items():
    print(f"{package} {importlib.metadata.version(package)}")
    for name, check in checks:
        try:
            check()
            print(f"  ok      {name}")
        except Exception as error:  # noqa: BLE001
            failed += 1
            print(f"  FAILED  {name}: {type(error).__name__}: {error}")
sys.exit(1 if failed else 0)
