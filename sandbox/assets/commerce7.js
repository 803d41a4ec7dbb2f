// Runs inside the framed app: tells the admin how high the page is, so that the frame never scrolls.
(() => {
  if (window.parent === window) return;
  let last = 0;

  function report() {
    const { documentElement: root, body } = document;
    if (!body) return;
    const height = Math.ceil(Math.max(root.getBoundingClientRect().height, body.scrollHeight));
    if (height === last) return;
    last = height;
    window.parent.postMessage({ type: "commerce7:height", height }, "*");
  }

  const sizes = new ResizeObserver(report);

  function watch() {
    sizes.disconnect();
    if (document.documentElement) sizes.observe(document.documentElement);
    if (document.body) sizes.observe(document.body);
    report();
  }

  // React replaces the whole document where hydration fails; the old root would then be watched in vain.
  new MutationObserver(watch).observe(document, { childList: true });
  document.addEventListener("DOMContentLoaded", watch);
  window.addEventListener("load", report);
  watch();
})();
