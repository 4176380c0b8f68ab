// The opponent: what a user would write with `ws` and the `openai` package, as good as that stack
// allows. The same job as the basic profile of mode v2, and mode v1 without speech: history kept
// under the client's id, questions answered one at a time, one frame a token. No compression, no
// logging, one copy a token, connections to the provider kept open, one timer for all heartbeats.

import http from "node:http";
import OpenAI, { toFile } from "openai";
import { WebSocketServer } from "ws";

const SET_CLIENT_ID = 0x01;
const USER_TEXT_MESSAGE = 0x02;
const USER_AUDIO_CHUNK = 0x03;
const USER_AUDIO_END = 0x04;
const ERROR = 0x82;
const TEXT_CHUNK = 0x83;
const OK = Buffer.of(0x81);
const TEXT_END = Buffer.of(0x84);

const HEARTBEAT_MS = 20_000; // as often as voicechat pings
const MAX_TOKENS = 800;
const HISTORY_MESSAGES = 20;
const MAX_RECORDING_BYTES = 12_582_912;
const MAX_BODY_BYTES = 17_000_000;
const MAX_FRAME_BYTES = 65_536;
const MODEL = "gpt-4o-mini";
const SYSTEM = {
  role: "system",
  content: "You are the assistant of this website. Answer in one to three short sentences of plain speech.",
};

const openai = new OpenAI(); // OPENAI_BASE_URL and OPENAI_API_KEY name the provider
const chats = new Map();

function historyOf(id) {
  let history = chats.get(id);
  if (history === undefined) chats.set(id, (history = []));
  return history;
}

function request(history) {
  return { model: MODEL, max_tokens: MAX_TOKENS, messages: [SYSTEM, ...history.slice(-HISTORY_MESSAGES)] };
}

async function transcribe(recording, name) {
  const file = await toFile(recording, name);
  return (await openai.audio.transcriptions.create({ model: "whisper-1", file })).text;
}

function frame(type, text) {
  // `length` of ASCII text is its size in UTF-8 too; three bytes a unit are the most that is needed.
  const buffer = Buffer.allocUnsafe(1 + text.length * 3);
  buffer[0] = type;
  return buffer.subarray(0, 1 + buffer.write(text, 1));
}

class Guest {
  constructor(socket) {
    this.socket = socket;
    this.history = null;
    this.chunks = [];
    this.bytes = 0;
    this.last = Promise.resolve();
    this.isAlive = true;
    socket.on("message", (data) => this.receive(data));
    socket.on("pong", () => (this.isAlive = true));
    socket.on("error", () => socket.terminate());
  }

  receive(data) {
    this.isAlive = true;
    const type = data[0];
    if (type === USER_AUDIO_CHUNK) {
      this.bytes += data.length - 1;
      if (this.bytes <= MAX_RECORDING_BYTES) this.chunks.push(data.subarray(1));
    } else if (type === USER_AUDIO_END) {
      const recording = Buffer.concat(this.chunks);
      this.chunks = [];
      this.bytes = 0;
      this.ask(() => transcribe(recording, "recording.webm"));
    } else if (type === USER_TEXT_MESSAGE) {
      const text = data.toString("utf8", 1);
      this.ask(() => text);
    } else if (type === SET_CLIENT_ID) {
      this.history = historyOf(data.toString("utf8", 1));
      this.socket.send(OK);
    } else {
      this.socket.send(frame(ERROR, "There is no frame with this number."));
    }
  }

  /** Questions are answered one at a time, in order. */
  ask(question) {
    this.last = this.last.then(async () => {
      try {
        await this.answer(await question());
      } catch {
        this.socket.send(frame(ERROR, "The chat service cannot answer just now."));
      }
    });
  }

  async answer(question) {
    const { history, socket } = this;
    history.push({ role: "user", content: question });
    let answer = "";
    const stream = await openai.chat.completions.create({ ...request(history), stream: true });
    for await (const chunk of stream) {
      const text = chunk.choices[0]?.delta?.content;
      if (text) {
        answer += text;
        socket.send(frame(TEXT_CHUNK, text));
      }
    }
    history.push({ role: "assistant", content: answer });
    socket.send(TEXT_END);
  }
}

async function body(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new RangeError("too large");
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}

async function answerOnce(asked) {
  const question = asked.audio
    ? await transcribe(Buffer.from(asked.audio, "base64"), "recording.wav")
    : asked.message;
  const history = historyOf(asked.id);
  history.push({ role: "user", content: question });
  const completion = await openai.chat.completions.create(request(history));
  const answer = completion.choices[0].message.content;
  history.push({ role: "assistant", content: answer });
  return asked.audio ? { answer, transcript: question } : { answer };
}

function reply(response, status, content) {
  const data = Buffer.from(JSON.stringify(content));
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": data.length });
  response.end(data);
}

const server = http.createServer(async (request, response) => {
  if (request.url === "/healthz") return reply(response, 200, { status: "ok" });
  if (request.url !== "/api/message") return reply(response, 404, { error: { code: "not_found" } });
  try {
    reply(response, 200, await answerOnce(await body(request)));
  } catch {
    reply(response, 502, { error: { code: "provider_failed" } });
  }
});

const guests = new Set();
const sockets = new WebSocketServer({
  server,
  path: "/ws",
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: MAX_FRAME_BYTES,
});
sockets.on("connection", (socket) => {
  const guest = new Guest(socket);
  guests.add(guest);
  socket.on("close", () => guests.delete(guest));
});
setInterval(() => {
  for (const guest of guests) {
    if (!guest.isAlive) guest.socket.terminate();
    guest.isAlive = false;
    guest.socket.ping();
  }
}, HEARTBEAT_MS);

server.listen(Number(process.env.PORT), "127.0.0.1", 4096);
