// Comfort: a new partner's addresses show its slug while that is typed.
const slug = document.getElementById("id_slug");
const addresses = [...document.querySelectorAll("[data-with-slug]")].map((element) => ({
  element,
  without: element.textContent,
  form: element.dataset.withSlug,
}));

const show = () => {
  for (const { element, without, form } of addresses) {
    element.textContent = slug.value ? form.replace("SLUG", slug.value) : without;
  }
};

if (slug && addresses.length) {
  // The admin's own script makes a slug of the name and tells nobody; it was there first.
  for (const event of ["input", "keyup", "change"]) {
    document.addEventListener(event, () => setTimeout(show));
  }
  show();
}
