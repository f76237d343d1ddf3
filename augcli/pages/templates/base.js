"use strict";
document.documentElement.classList.add("scripted");

/* The theme: that of the system until a button says otherwise; remembered where the browser lets a file. */
(() => {
  const button = document.getElementById("theme");
  const themes = ["system", "light", "dark"];
  const kept = {
    get value() { try { return localStorage.getItem("augment-theme"); } catch { return null; } },
    set value(name) { try { localStorage.setItem("augment-theme", name); } catch { /* for this visit only */ } },
  };
  let theme = themes.includes(kept.value) ? kept.value : "system";
  const show = () => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    kept.value = theme;
    show();
  });
  show();
})();
