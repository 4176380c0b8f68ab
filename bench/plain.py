"""
A plain voice pipeline: it hears all of the question, writes all of the answer, speaks all of it.

The engines are ours, the scripted ones with the same settings, and so are the frames and the server
library: what differs is that each stage waits for the whole of the one before it, as a pipeline does that
is put together from three calls. It knows one chat a connection, and no rules besides.
"""

from __future__ import annotations

import asyncio
import sys

import uvloop
from aiohttp import WSMsgType, web

from voicechat import dialogue as d
from voicechat.audio import SPEECH_BYTES_PER_MS, Recording, wav
from voicechat.config import load
from voicechat.engines import Engines, Manner, open_engines, sound_of
from voicechat.wire import decode, encode

FRAME_MS = 200
"""Of sound in one message, as ours."""


async def talk(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    recording = bytearray()
    async for message in socket:
        if message.type is not WSMsgType.BINARY:
            break
        asked, turn = decode(message.data)
        match asked:
            case d.Hello():
                await socket.send_bytes(encode(d.Welcome({"v": 1})))
            case d.AskAudio(_, _, data):
                recording += data
            case d.AskAudioEnd():
                await _answer(socket, turn, bytes(recording), request.app[ENGINES])
                recording.clear()
            case d.Cancel():
                await socket.send_bytes(encode(d.End(0, 0, d.EndFlag.CUT), turn))
    return socket


async def _answer(socket: web.WebSocketResponse, turn: int, pcm: bytes, engines: Engines) -> None:
    assert engines.stt is not None and engines.tts is not None
    question = await engines.stt.transcribe(Recording(wav(pcm, 16_000), "wav"), None)
    prompt = d.Prompt("", (d.Message(1, "user", question, "running"),))
    text = "".join([token async for token in engines.chat.reply(prompt)])
    sound = await sound_of(engines.tts, text, Manner())
    await socket.send_bytes(encode(d.Transcript(question, 0, final=True), turn))
    await socket.send_bytes(encode(d.AnswerText(0, text, last=True), turn))
    for start in range(0, len(sound), FRAME_MS * SPEECH_BYTES_PER_MS):
        data = sound[start : start + FRAME_MS * SPEECH_BYTES_PER_MS]
        await socket.send_bytes(encode(d.AnswerAudio(start // SPEECH_BYTES_PER_MS, data), turn))


async def healthz(request: web.Request) -> web.Response:
    return web.Response(text="ok")


ENGINES = web.AppKey("engines", Engines)


async def main(port: int) -> None:
    app = web.Application()
    app[ENGINES] = open_engines(load())
    app.router.add_get("/ws", talk)
    app.router.add_get("/healthz", healthz)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
