// Names to choose from, asked for while somebody types; without this the text is searched for when it is sent.
const PAUSE = 250;

for (const input of document.querySelectorAll("[data-suggestions]:not([list])")) {
  const list = document.createElement("datalist");
  list.id = `suggestions-${input.name}`;
  input.after(list);
  input.setAttribute("list", list.id);

  let timer, asked;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const term = input.value.trim();
      if (!term || term === asked) return;
      asked = term;
      const answer = await fetch(`${input.dataset.suggestions}&term=${encodeURIComponent(term)}`);
      if (!answer.ok || asked !== term) return;
      const { results } = await answer.json();
      list.replaceChildren(...results.map(({ text }) => new Option(text, text)));
    }, PAUSE);
  });
}
