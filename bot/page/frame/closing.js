// Ways out of the frame that its policy does not close. Nothing here uses them, and nothing else is to.

for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "mozRTCPeerConnection", "WebTransport"]) {
  if (name in self) Object.defineProperty(self, name, { value: undefined, writable: false, configurable: false });
}
