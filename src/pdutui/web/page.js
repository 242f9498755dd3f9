// What the script of the terminal does not do.
(() => {
  // A console says something every five seconds at least. One that hangs, or a line that is cut
  // without a word, would leave its last figures on the screen as if they were of now.
  const QUIET_MS = 12000;
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    constructor(...args) {
      super(...args);
      let heard = Date.now();
      const look = () => {
        const quiet = Date.now() - heard;
        document.getElementById("quiet-s").textContent = Math.round(quiet / 1000);
        document.body.classList.toggle("-quiet", quiet > QUIET_MS);
      };
      const watch = setInterval(look, 1000);
      this.addEventListener("message", (event) => {
        if (typeof event.data === "string") return; // the server's own, not the console's
        heard = Date.now();
        look();
      });
      this.addEventListener("close", (event) => {
        clearInterval(watch);
        document.body.classList.remove("-quiet");
        document.getElementById("why").textContent = event.reason;
      });
    }
  };

  // The keys are the console's from its first frame on, without a click. Not before: the script of
  // the terminal cannot bear to be given the focus while it has no connection.
  const focus = () => {
    const field = document.querySelector(".xterm-helper-textarea");
    const up = field && document.body.classList.contains("-first-byte");
    if (up && document.activeElement !== field) field.focus();
    return up;
  };
  const wait = setInterval(() => {
    if (focus()) clearInterval(wait);
  }, 100);
  window.addEventListener("focus", focus);
  document.addEventListener("pointerup", focus);
})();
