// The keys are the console's from its first frame on, without a click. Not before: the script of the
// terminal cannot bear to be given the focus while it has no connection.
(() => {
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
