// A QR code of the box, drawn. Its colours are the style's: dark on white, in every theme.

/**
 * @param {{size: number, path: string}} code a unit of the path is a module
 * @param {Record<string, string>} attributes
 */
export function qr({ size, path }, attributes) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  const modules = document.createElementNS(space, "path");
  modules.setAttribute("d", path);
  svg.append(modules);
  return svg;
}
