// Animated GIF, WebP and PNG files, as in matcher/files/animation.py, where the browser lets a page see more than their first
// frame.

const SHORTEST_FRAME_MS = 10;
const USUAL_FRAME_MS = 100;
const SHORTEST_STEP_MS = 8;
const LONGEST_STEP_MS = 1000;
const MIME_TYPES = { GIF: "image/gif", PNG: "image/png", WebP: "image/webp" };

// As `hashVideo`.
async function hashAnimation(data, format, tell) {
  if (typeof ImageDecoder !== "function") throw new NotHashed("animation");
  const options = { data, type: MIME_TYPES[format], preferAnimation: true, colorSpaceConversion: "none" };
  const decoder = new ImageDecoder(options);
  const sampler = new Sampler();
  let [durationMs, elapsedMs, cell, width, height] = [0, 0, -1, 0, 0];
  try {
    await decoder.tracks.ready;
    await decoder.completed;
    const { frameCount } = decoder.tracks.selectedTrack;
    for (let frameIndex = 0; frameIndex < frameCount && !sampler.isFull; frameIndex += 1) {
      const { image } = await decoder.decode({ frameIndex });
      const ms = (image.duration ?? 0) / 1000;
      [width, height] = [image.displayWidth, image.displayHeight];
      try {
        const now = Math.floor(elapsedMs / Math.floor(1000 / FRAMES_PER_S));
        if (now > cell) await sampler.add(durationMs, image, width, height, OF_PICTURES);
        cell = Math.max(cell, now);
      } finally {
        image.close();
      }
      const shownMs = ms > SHORTEST_FRAME_MS ? Math.round(ms) : USUAL_FRAME_MS;
      durationMs += shownMs;
      elapsedMs += Math.min(Math.max(shownMs, SHORTEST_STEP_MS), LONGEST_STEP_MS);
      tell(frameIndex / frameCount);
    }
  } catch (error) {
    throw error instanceof NotHashed ? error : new NotHashed("broken");
  } finally {
    decoder.close();
  }
  return { width, height, durationMs, looked: sampler.looked, frames: sampler.frames };
}
