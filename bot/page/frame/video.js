// Videos, by the browser's own player: it is set to each moment, and what it shows is looked at.

const PATIENCE_MS = 20_000;
const SHOWN_MS = 100;
const OF_BT709 = [212.6, 715.2, 72.2];
const OF_BT2020 = [262.7, 678, 59.3];
// Where a file does not say which matrix it has, players go by its height.
const LEAST_HD_HEIGHT = 720;
const ITS_END_S = 1e7;

function happens(target, name) {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new NotHashed("video"));
    const timer = setTimeout(fail, PATIENCE_MS);
    target.addEventListener(name, () => { clearTimeout(timer); resolve(); }, { once: true });
    target.addEventListener("error", () => { clearTimeout(timer); fail(); }, { once: true });
  });
}

// A player says that it is there before it shows what is there; and where that is what it showed, it says no more.
async function seek(player, seconds) {
  const isThere = happens(player, "seeked");
  const isShown = new Promise((resolve) => { player.requestVideoFrameCallback?.(resolve); });
  player.currentTime = seconds;
  await isThere;
  await Promise.race([isShown, pause(SHOWN_MS)]);
}

// The weights that make of what the player draws the luma that is stored.
function weightsOf(player) {
  let matrix = null;
  if (typeof VideoFrame === "function") {
    const frame = new VideoFrame(player, { timestamp: 0 });
    matrix = frame.colorSpace.matrix;
    frame.close();
  }
  if (matrix === "bt709" || (!matrix && player.videoHeight >= LEAST_HD_HEIGHT)) return OF_BT709;
  return matrix === "bt2020-ncl" ? OF_BT2020 : OF_PICTURES;
}

// { width, height, durationMs, looked, frames }. Throws `NotHashed`. `tell` hears how far it is, 0 to 1.
async function hashVideo(blob, tell) {
  const player = document.createElement("video");
  const url = URL.createObjectURL(blob);
  try {
    [player.muted, player.playsInline, player.preload] = [true, true, "auto"];
    const isLoaded = happens(player, "loadeddata");
    player.src = url;
    await isLoaded;
    const { videoWidth: width, videoHeight: height } = player;
    if (!width || !height) throw new NotHashed("video");
    if (width * height > MOST_PIXELS) throw new NotHashed("too-large");
    // What a browser has recorded itself does not say how long it is.
    if (!Number.isFinite(player.duration)) await seek(player, ITS_END_S);
    const durationMs = Math.round(player.duration * 1000);
    const interval = intervalMs(durationMs);
    const sampler = new Sampler();
    const weights = weightsOf(player);
    for (let atMs = 0; atMs < durationMs && !sampler.isFull; atMs += interval) {
      if (atMs || player.currentTime) await seek(player, atMs / 1000);
      await sampler.add(atMs, player, width, height, weights);
      tell(atMs / durationMs);
    }
    return { width, height, durationMs, looked: sampler.looked, frames: sampler.frames };
  } finally {
    player.removeAttribute("src");
    player.load();
    URL.revokeObjectURL(url);
  }
}
