// On a narrow screen a row of tabs scrolls; the tab of this page begins in sight.

for (const tab of document.querySelectorAll(".page-tabs [aria-current]")) {
  const row = tab.parentElement.getBoundingClientRect();
  const here = tab.getBoundingClientRect();
  tab.parentElement.scrollLeft += here.left + here.width / 2 - row.left - row.width / 2;
}
