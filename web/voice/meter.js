/** Measures how loud something is. */

/**
 * @param {AudioNode} source
 * @param {number} samples how many of the last ones count, a power of 2
 * @returns {() => number} loudness of this moment, 0 to 1: the root mean square
 */
export function meter(source, samples) {
  const analyser = source.context.createAnalyser();
  analyser.fftSize = samples;
  source.connect(analyser);
  const last = new Float32Array(samples);
  return () => {
    analyser.getFloatTimeDomainData(last);
    return Math.sqrt(last.reduce((sum, sample) => sum + sample * sample, 0) / samples);
  };
}
