// Small DOM helpers: elements by id, elements made from data, times.

export const byId = (id) => document.getElementById(id)

/** An element with attributes (`on…` are listeners, false and null are left out) and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (value !== false && value != null) element.setAttribute(name, value)
  }
  element.append(...children.filter((child) => child !== '' && child != null))
  return element
}

export async function getJson(path, query = {}) {
  const response = await fetch(`${path}?${new URLSearchParams(query)}`)
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return response.json()
}

const lang = document.documentElement.lang
const clock = new Intl.DateTimeFormat(lang, { hour: '2-digit', minute: '2-digit' })
const date = new Intl.DateTimeFormat(lang, { day: '2-digit', month: 'long', year: 'numeric' })

export const timeOf = (moment) => clock.format(moment)

/** Today, yesterday or the date. */
export function dayOf(moment) {
  const days = Math.round((midnight(new Date()) - midnight(moment)) / 86400000)
  if (days === 0) return document.body.dataset.today
  if (days === 1) return document.body.dataset.yesterday
  return date.format(moment)
}

function midnight(moment) {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate())
}
