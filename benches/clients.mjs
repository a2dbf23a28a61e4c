// Runs the npm SDKs against amx serve: answers, streams, an interrupted stream, refusals.
//
//     node clients.mjs BASE_URL KEY        in a folder with openai and @anthropic-ai/sdk

import { readFileSync } from "node:fs";
import OpenAI from "openai";
import Anthropic from "@anthropic-ai/sdk";

const [base, key] = process.argv.slice(2);
let sent = 0;
const counted = (url, options) => {
  sent += 1;
  return fetch(url, options);
};
const openai = new OpenAI({ baseURL: base, apiKey: key, fetch: counted });
const anthropic = new Anthropic({
  baseURL: base.replace(/\/v1$/, ""),
  authToken: key,
  apiKey: null,
  fetch: counted,
});
const HELLO = [{ role: "user", content: "hi" }];

const same = (found, expected) => {
  if (found !== expected) throw new Error(`${JSON.stringify(found)}, not ${expected}`);
};

async function chat() {
  const answer = await openai.chat.completions.create({ model: "a/b", messages: HELLO });
  same(answer.choices[0].message.content, "Hello");
}

async function chatStream(model = "a/b") {
  const stream = await openai.chat.completions.create({ model, messages: HELLO, stream: true });
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
  same(text, "Hello");
}

async function responses() {
  const answer = await openai.responses.create({ model: "a/b", input: "hi" });
  same(answer.output_text, "Hello");
}

async function responsesStream(model = "a/b") {
  const stream = await openai.responses.create({ model, input: "hi", stream: true });
  let last;
  for await (const event of stream) last = event.type;
  same(last, "response.completed");
}

async function models() {
  const list = await openai.models.list();
  same(list.data.some((model) => model.id === "a/b"), true);
}

async function embeddings() {
  const options = { model: "e/m", input: "x", encoding_format: "float" };
  const answer = await openai.embeddings.create(options);
  same(JSON.stringify(answer.data[0].embedding), "[0.5,0.25]");
}

async function messages() {
  const options = { model: "a/b", max_tokens: 5, messages: HELLO };
  same((await anthropic.messages.create(options)).content[0].text, "Hello");
}

async function messagesStream(model = "a/b") {
  const options = { model, max_tokens: 5, messages: HELLO };
  const message = await anthropic.messages.stream(options).finalMessage();
  same(message.content[0].text, "Hello");
}

/** The work fails, after so many requests. */
const raises = (work, kind, requests) => async () => {
  sent = 0;
  try {
    await work();
  } catch (error) {
    if (!(error instanceof kind)) throw error;
    if (requests) same(sent, requests);
    return;
  }
  throw new Error("no exception");
};

const checks = {
  openai: [
    ["chat", chat],
    ["chat, stream", chatStream],
    ["chat, cut stream raises", raises(() => chatStream("x/cut"), OpenAI.APIError)],
    ["chat, 503 raises after one request", raises(() => chatStream("x/503"), OpenAI.APIError, 1)],
    ["responses", responses],
    ["responses, stream", responsesStream],
    ["responses, cut stream raises", raises(() => responsesStream("x/cut"), OpenAI.APIError)],
    ["embeddings", embeddings],
    ["models", models],
  ],
  "@anthropic-ai/sdk": [
    ["messages", messages],
    ["messages, stream", messagesStream],
    ["messages, cut stream raises", raises(() => messagesStream("x/cut"), Anthropic.APIError)],
    [
      "messages, 503 raises after one request",
      raises(() => messagesStream("x/503"), Anthropic.APIError, 1),
    ],
  ],
};

let failed = 0;
for (const [name, rows] of Object.entries(checks)) {
  const path = `node_modules/${name}/package.json`;
  console.log(`${name} ${JSON.parse(readFileSync(path, "utf8")).version} (npm)`);
  for (const [what, check] of rows) {
    try {
      await check();
      console.log(`  ok      ${what}`);
    } catch (error) {
      failed += 1;
      console.log(`  FAILED  ${what}: ${error}`);
    }
  }
}
process.exit(failed ? 1 : 0);
