// The template picker by keyboard: a choice closes it, which would leave the focus nowhere; arrows
// walk on through the open list.
let walks = false

document.addEventListener('keydown', event => {
  if (event.target.closest?.('.picker-list')) walks = event.key.startsWith('Arrow')
})
document.addEventListener('pointerdown', () => { walks = false })

document.addEventListener('htmx:after:swap', event => {
  const picker = event.detail.ctx.sourceElement?.closest?.('.picker')
  if (!picker || picker.open) return
  picker.open = walks
  picker.querySelector(walks ? 'input[type="radio"]:checked' : 'summary')?.focus()
})
