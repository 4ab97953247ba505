// Pictograms are symbols of one sprite, drawn in the colour of the text around
// them. A name the sprite lacks gives no picture: the word alone stays.

const sprite = new URL("pictos.svg", import.meta.url).pathname;

/** What the sprite holds; a test compares the two. */
export const names = new Set(
  `caf sante impots retraite titres logement emploi sejour mail telephone ordinateur rdv_medical banque ecole msa
  justice other more dont_know for_other yes no alone helped cannot age_baby age_child age_teen age_young age_adult
  age_senior age_elder job_search student self_employed at_home disability household_alone household_couple
  household_family household_parent household_others neighbourhood first_visit clock questions no_thanks ticket
  new_ticket places practice welcome thanks back restart repeat louder softer bigger contrast help language printer
  take screen_number offline closed hourglass erased sorry privacy statistics settings speech slower faster scanning
  scan_one scan_two scan_off reset good fair bad useful_yes useful_no useful_partly voice mute charter home_visit
  workshop recharge scan computer_used slip search internet photo fake trouble procedure fear words equipment french
  reading reassure none images easy confirm rights opinion result leave keyboard password touch curtain
  contrast_normal contrast_dark contrast_light contrast_low headphones size agree waiting crowd you go desk`.split(/\s+/),
);

/** Other names of the same picture: an age band shows the age it is. */
const alias = new Map([
  ["0-11", "age_child"],
  ["12-17", "age_teen"],
  ["18-24", "age_young"],
  ["25-39", "age_adult"],
  ["40-59", "age_adult"],
  ["60-61", "age_senior"],
  ["62-64", "age_senior"],
  ["65-69", "age_senior"],
  ["70+", "age_elder"],
  ["ask_motif", "other"],
  ["ask_internet", "internet"],
  ["ask_information", "search"],
  ["ask_mail", "mail"],
  ["ask_photo", "photo"],
  ["ask_fake", "fake"],
  ["ask_trouble", "trouble"],
  ["ask_procedure", "procedure"],
  ["ask_freins", "fear"],
  ["ask_age", "age_adult"],
  ["ask_situation", "emploi"],
  ["ask_household", "household_family"],
  ["ask_neighbourhood", "neighbourhood"],
  ["ask_first_visit", "first_visit"],
  ["imprimer", "printer"],
  ["scanner", "scan"],
  ["materiel_reconditionne", "computer_used"],
]);

/**
 * The symbol drawn for a name, or "" when there is none.
 * @param {string | undefined} name
 */
export function symbol(name = "") {
  const known = alias.get(name) ?? alias.get(name.replace(/^age[_-]/, "").replaceAll("_", "-").replace("-plus", "+")) ?? name;
  return names.has(known) ? known : "";
}

/**
 * A pictogram, hidden from screen readers because a word stands beside it.
 * @param {string | undefined} name
 * @returns {SVGSVGElement | null} null when there is no such picture
 */
export function picto(name) {
  const id = symbol(name);
  if (!id) return null;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "picto");
  svg.setAttribute("data-picto", id);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sprite}#${id}`);
  svg.append(use);
  return svg;
}
