// Builds static/build: styles, scripts, fonts and the icon sprite. `--watch` rebuilds on change.
import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { watch } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import esbuild from 'esbuild'

const here = import.meta.dirname
const root = path.dirname(here)
const finished = path.join(root, 'static', 'build')
// Made aside and moved when complete: a page never meets half a build.
const out = path.join(here, `.build-${process.pid}`)
const LUCIDE = path.join(here, 'node_modules', 'lucide-static', 'icons')
const run = promisify(execFile)
// Places whose HTML and Python may name icons.
const SKIPPED = new Set(['.git', '.venv', '.data', 'frontend', 'node_modules', 'static', 'tests', 'locale', 'migrations'])
const ICON_NAMES = [
  /<c-icon\s[^>]*?(?<!:)\bname="([a-z0-9-]+)"/g,
  /\bicon(?:-end)?="([a-z0-9-]+)"/g,
  /["']icon["']:\s*["']([a-z0-9-]+)["']/g,
]
const ICON_LIST = /\bicons:((?: +[a-z0-9-]+)+)/g

async function * sources (folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue
    const full = path.join(folder, entry.name)
    if (entry.isDirectory()) yield * sources(full)
    else if (/\.(html|py|js)$/.test(entry.name)) yield full
  }
}

async function * allSources () {
  yield * sources(root)
  yield * sources(path.join(here, 'js'))
}

// Files that add to the shell's registries name icons by position: any of their words that is one.
const REGISTERS = /\bnavigation\b/
const WORD = /["']([a-z][a-z0-9]*(?:-[a-z0-9]+)*)["']/g

async function iconNames () {
  const known = new Set((await readdir(LUCIDE)).map(name => name.replace(/\.svg$/, '')))
  const names = new Set()
  for await (const file of allSources()) {
    const text = await readFile(file, 'utf8')
    if (file.endsWith('.py') && REGISTERS.test(text)) {
      for (const match of text.matchAll(WORD)) if (known.has(match[1])) names.add(match[1])
    }
    for (const pattern of ICON_NAMES) for (const match of text.matchAll(pattern)) names.add(match[1])
    for (const match of text.matchAll(ICON_LIST)) for (const name of match[1].trim().split(/\s+/)) names.add(name)
  }
  return [...names].sort()
}

async function icons () {
  const symbols = []
  for (const name of await iconNames()) {
    const svg = await readFile(path.join(LUCIDE, `${name}.svg`), 'utf8').catch(() => null)
    if (!svg) { console.warn(`icon "${name}" is not in lucide: left out`); continue }
    const shapes = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>')).replace(/\s+/g, ' ').trim()
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${shapes}</symbol>`)
  }
  await writeFile(path.join(out, 'icons.svg'), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('\n')}</svg>\n`)
  return symbols.length
}

async function fonts () {
  const from = path.join(here, 'node_modules', '@fontsource-variable', 'inter', 'files')
  const to = path.join(out, 'fonts')
  await mkdir(to, { recursive: true })
  for (const cut of ['latin', 'latin-ext']) await cp(path.join(from, `inter-${cut}-wght-normal.woff2`), path.join(to, `inter-${cut}-wght-normal.woff2`))
}

const styles = () => run(process.execPath, [
  path.join(here, 'node_modules', '@tailwindcss', 'cli', 'dist', 'index.mjs'),
  '--input', path.join(here, 'css', 'app.css'), '--output', path.join(out, 'app.css'), '--minify',
], { cwd: here })

async function scripts () {
  const pages = (await readdir(path.join(here, 'js', 'pages'))).filter(name => name.endsWith('.js'))
  const shared = { bundle: true, minify: true, target: 'es2022', logLevel: 'warning', legalComments: 'none' }
  await esbuild.build({
    ...shared, format: 'esm', splitting: true, outdir: out, outbase: path.join(here, 'js'),
    entryPoints: [path.join(here, 'js', 'app.js'), ...pages.map(name => path.join(here, 'js', 'pages', name))],
    chunkNames: 'chunks/[name]-[hash]',
  })
  // In the head and before the first paint, hence no module.
  await esbuild.build({ ...shared, format: 'iife', entryPoints: [path.join(here, 'js', 'theme.js')], outfile: path.join(out, 'theme.js') })
}

async function build () {
  const start = performance.now()
  await mkdir(out, { recursive: true })
  const [count] = await Promise.all([icons(), fonts(), styles(), scripts()])
  await mkdir(path.dirname(finished), { recursive: true })
  await rm(finished, { recursive: true, force: true })
  await rename(out, finished)
  console.log(`built static/build with ${count} icons in ${Math.round(performance.now() - start)} ms`)
}

try {
  await build()
} catch (error) {
  await rm(out, { recursive: true, force: true })
  throw error
}
if (process.argv.includes('--watch')) {
  let timer
  const soon = () => { clearTimeout(timer); timer = setTimeout(() => build().catch(console.error), 150) }
  for (const folder of ['css', 'js']) watch(path.join(here, folder), { recursive: true }, soon)
  watch(path.join(root, 'templates'), { recursive: true }, soon)
}
