// What scripts place or people resize has a style attribute. When it is replaced, htmx would copy the
// attribute to what comes in its place for the length of a transition, and the page's policy for
// styles refuses that loudly; nothing here needs it.
const REPLACING = ['innerHTML', 'outerHTML']

document.addEventListener('htmx:before:swap', event => {
  for (const { target, swapSpec } of event.detail.tasks) {
    const old = typeof target === 'string' ? document.querySelector(target) : target
    if (!old || !REPLACING.includes(swapSpec?.style)) continue
    for (const placed of old.querySelectorAll('[id][style]')) placed.removeAttribute('style')
  }
})
