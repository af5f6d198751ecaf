// The mailbox: newest first, live.
import { byId, dayOf, getJson, make, timeOf } from './dom.js'

const words = document.body.dataset
let chosen = -1

async function show() {
  const { results } = await getJson('/_sandbox/mail')
  const mails = results.map((mail, index) => ({ ...mail, index })).reverse()
  byId('no-mail').hidden = mails.length > 0
  byId('mails').hidden = mails.length === 0
  byId('mails').replaceChildren(...mails.map((mail) => make('li', {}, row(mail))))
  const mail = mails.find((one) => one.index === chosen) ?? mails[0]
  byId('letter').hidden = !mail
  if (mail && String(mail.index) + mail.at !== byId('letter').dataset.shown) open(mail)
}

function row(mail) {
  return make(
    'button',
    { type: 'button', 'data-testid': 'mail-item', 'data-index': mail.index, onclick: () => open(mail) },
    make('b', {}, mail.subject || '—'),
    make('small', {}, `${mail.to.join(', ')} · ${timeOf(new Date(mail.at))}`),
  )
}

function open(mail) {
  chosen = mail.index
  for (const button of byId('mails').querySelectorAll('button')) {
    button.setAttribute('aria-current', String(Number(button.dataset.index) === chosen))
  }
  const moment = new Date(mail.at)
  const links = mail.links.map((link) => make('li', {}, make('a', { class: 'pill', href: link, 'data-testid': 'mail-link' }, link)))
  const body = mail.html
    ? make('iframe', { src: `/_sandbox/mail/${mail.index}/html`, title: words.body, sandbox: 'allow-popups allow-popups-to-escape-sandbox' })
    : make('pre', { 'data-testid': 'mail-text' }, mail.text)
  byId('letter').dataset.shown = String(mail.index) + mail.at
  byId('letter').replaceChildren(
    make('h2', {}, mail.subject || '—'),
    make('p', { class: 'facts' }, `${words.from}: ${mail.from} · ${words.to}: ${mail.to.join(', ')} · ${dayOf(moment)}, ${timeOf(moment)}`),
    make('ul', { class: 'links', 'aria-label': words.links }, ...links),
    body,
  )
}

byId('clear').addEventListener('click', async () => {
  await fetch('/_sandbox/mail', { method: 'DELETE' })
  chosen = -1
  byId('letter').dataset.shown = ''
  show()
})

const hints = new EventSource('/_sandbox/phone/events')
hints.onmessage = (event) => JSON.parse(event.data).includes('mail') && show()
await show()
