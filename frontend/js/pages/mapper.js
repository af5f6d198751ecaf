// Mapping by clicking: the field that is pressed gets the value that is clicked in the sample, and
// the next one that has none is pressed. Each field's select says the same, so nobody needs a mouse.
const form = document.querySelector('[data-mapper]')

function rows () {
  return [...form.querySelectorAll('[data-target]')]
}

function pressed () {
  return form.querySelector('[data-pick][aria-pressed="true"]')?.closest('[data-target]')
}

function press (row) {
  for (const one of rows()) one.querySelector('[data-pick]').setAttribute('aria-pressed', String(one === row))
}

function mark () {
  const used = new Set(rows().map(row => row.querySelector('select').value))
  for (const leaf of form.querySelectorAll('[data-leaf]')) {
    leaf.toggleAttribute('data-used', used.has(leaf.dataset.leaf))
  }
}

function next (row) {
  const all = rows()
  const after = [...all.slice(all.indexOf(row) + 1), ...all]
  return after.find(one => !one.querySelector('select').value) ?? row
}

// What the system calls this kind of event gets a line of its own, to be named by us.
function addKind (said) {
  const box = form.querySelector('#kinds')
  const known = [...box.querySelectorAll('[name="said"]')].some(input => input.value === said)
  if (!said || known) return
  const line = box.querySelector('[data-new-kind]').content.firstElementChild.cloneNode(true)
  line.querySelector('[name="said"]').value = said
  line.querySelector('code').textContent = said
  line.querySelector('select').setAttribute('aria-label', said)
  line.querySelector('select').dataset.testid = `kind-${said}`
  box.prepend(line)
}

function changed (row) {
  const path = row.querySelector('select').value
  if (row.dataset.target === 'kind') {
    const leaf = [...form.querySelectorAll('[data-leaf]')].find(one => one.dataset.leaf === path)
    addKind(leaf?.dataset.value)
  }
  mark()
}

form?.addEventListener('click', event => {
  const pick = event.target.closest('[data-pick]')
  if (pick) return press(pick.closest('[data-target]'))
  const leaf = event.target.closest('[data-leaf]')
  const row = leaf && pressed()
  if (!row) return
  row.querySelector('select').value = leaf.dataset.leaf
  changed(row)
  press(next(row))
})
form?.addEventListener('change', event => {
  const row = event.target.closest('[data-target]')
  if (row) changed(row)
})
if (form) {
  mark()
  press(rows().find(row => !row.querySelector('select').value) ?? rows()[0])
}
