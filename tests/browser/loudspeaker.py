"""What a page gives to the loudspeaker, to be heard by who listens to it here."""

from __future__ import annotations

import base64

import numpy as np

from voicechat.audio import SPEECH_RATE, Recording, wav

from .widget import Widget

RECORD_SOUND = """
  const KEEPER = `
    registerProcessor('keeper', class extends AudioWorkletProcessor {
      process([[samples]]) {
        this.port.postMessage(samples?.slice() ?? new Float32Array(128));
        return true;
      }
    });
  `;
  window.sounded = [];
  const Plain = AudioContext;
  const { connect } = AudioNode.prototype;
  window.AudioContext = class extends Plain {
    constructor(...options) {
      super(...options);
      // The microphone's has another rate, and says nothing.
      if (this.sampleRate !== 24_000) return;
      // All that is for the loudspeaker passes through here.
      this.gate = this.createGain();
      connect.call(this.gate, super.destination);
      void this.keep();
    }
    async keep() {
      await this.audioWorklet.addModule(URL.createObjectURL(new Blob([KEEPER], { type: 'text/javascript' })));
      const keeper = new AudioWorkletNode(this, 'keeper', { channelCount: 1, channelCountMode: 'explicit' });
      keeper.port.onmessage = ({ data }) => window.sounded.push(data);
      connect.call(this.gate, keeper);
      connect.call(keeper, super.destination);
    }
    get destination() {
      return this.gate ?? super.destination;
    }
  };
  window.takeSound = () => {
    const parts = window.sounded.splice(0);
    const all = new Float32Array(parts.length * 128);
    parts.forEach((part, index) => all.set(part, index * 128));
    let text = '';
    for (const byte of new Uint8Array(all.buffer)) text += String.fromCharCode(byte);
    return btoa(text);
  };
"""
"""Run before the page's scripts: keeps what reaches the loudspeaker, for `sounded`; it wants `bypass_csp`."""


async def sounded(widget: Widget) -> Recording:
    """Return what has sounded since the last call, as the ears take it."""
    samples = np.frombuffer(base64.b64decode(await widget.page.evaluate("takeSound()")), "<f4")
    pcm = (np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes()
    return Recording(wav(pcm, SPEECH_RATE), "wav")
