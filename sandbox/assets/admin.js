const frame = document.querySelector("iframe[title='Libero']");
const minimum = 480;
// A page as high as its own frame and a bit more would otherwise grow for ever.
const maximum = 20000;

window.addEventListener("message", (event) => {
  if (!frame || event.source !== frame.contentWindow) return;
  const { type, height } = event.data ?? {};
  if (type !== "commerce7:height" || !Number.isFinite(height)) return;
  frame.style.height = `${Math.min(Math.max(height, minimum), maximum)}px`;
});

for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("aria-busy")) event.preventDefault();
    form.setAttribute("aria-busy", "true");
  });
}

const reload = document.querySelector("[data-reload]");
if (reload && frame) {
  reload.hidden = false;
  reload.addEventListener("click", () => {
    frame.src = frame.getAttribute("src");
  });
}

// Whoever comes back to the tab looks for what has come since.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && document.querySelector("[data-fresh]")) window.location.reload();
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
