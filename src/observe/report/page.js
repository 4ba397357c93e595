/* The theme, and everything in its place. */
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  const button = byId("theme");
  button.setAttribute("aria-pressed", theme === "dark");
  button.textContent = theme === "dark" ? "Light" : "Dark";
  button.setAttribute("aria-label", "Change to " + (theme === "dark" ? "light" : "dark") + " colours");
  if (player.lanes.length) show(player.moment, false);
}

setTheme(dark.matches ? "dark" : "light");
dark.addEventListener("change", () => setTheme(dark.matches ? "dark" : "light"));
byId("theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
showTop();
startPlayer();
chooseRun(0);
show(edges.length + 2, false); /* the news is on its way */
showLearning();
showCompare();
showAudit();
