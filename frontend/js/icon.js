// An icon of the sprite, as an element (never as markup).
const SVG = 'http://www.w3.org/2000/svg'
const sprite = document.body.dataset.icons

export function icon (name, size = 4) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('class', `icon size-${size}`)
  svg.setAttribute('aria-hidden', 'true')
  const use = document.createElementNS(SVG, 'use')
  use.setAttribute('href', `${sprite}#${name}`)
  svg.append(use)
  return svg
}
