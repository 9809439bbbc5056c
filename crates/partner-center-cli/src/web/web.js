// Says so when what is typed is not kept any more: the command has ended, or does not take it.
for (const name of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(name, () => {
    const kept = document.getElementById("kept");
    if (kept) kept.replaceChildren(document.getElementById("lost").content.cloneNode(true));
  });
}

// Says that a form was sent, until its answer is there.
document.addEventListener("submit", (event) => event.submitter?.setAttribute("aria-busy", "true"));
