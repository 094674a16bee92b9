import type { Evaluation, Incident } from './evaluation-score.ts'

const WIDTH = 640
const HEIGHT = 360
const LEFT = 70
const BOTTOM = 50
const TOP = 40
const LONGEST_MINUTES = 30
const LARGEST = 1e4

const colours = { earshot: '#0b6e4f', naive: '#c8553d', naive_20: '#e0a458' }
const names = { earshot: 'Earshot', naive: '> 3 × offset 1w', naive_20: '> 3 × offset 1w, ≥ 20 events' }

/** Pictures of an evaluation as SVG, by file name. */
export const plotsOf = (evaluation: Evaluation): ReadonlyMap<string, string> =>
  new Map([
    ['detection-delay.svg', delayPlot(evaluation)],
    ['detection-false-alerts.svg', falsePlot(evaluation)],
    ['detection-size.svg', sizePlot(evaluation)]
  ])

/** Which part of the sudden rises was told of within so many minutes. */
function delayPlot({ incidents }: Evaluation): string {
  const lines = (['earshot', 'naive', 'naive_20'] as const).map(watcher => {
    const own = incidents.filter(each => each.watcher === watcher && isSeenByAll(each))
    const points = Array.from({ length: 10 * LONGEST_MINUTES + 1 }, (_, at) => {
      const within = own.filter(({ delaySeconds }) => delaySeconds !== null && delaySeconds <= 6 * at).length
      return `${x(at / 10 / LONGEST_MINUTES)},${y(within / own.length)}`
    })
    return `<polyline fill="none" stroke="${colours[watcher]}" stroke-width="2" points="${points.join(' ')}"/>`
  })
  return picture('Sudden rises told of within so many minutes', [
    ...ticks([0, 5, 10, 15, 20, 25, 30].map(each => [each / LONGEST_MINUTES, `${each} min`])),
    ...shares(),
    ...lines,
    ...legend()
  ])
}

/** How long each incident took, by how large it was. */
function sizePlot({ incidents }: Evaluation): string {
  const own = incidents.filter(({ watcher, shape }) => watcher === 'earshot' && shape === 'step')
  const points = own.map(({ kind, eventsIn5Minutes, delaySeconds }) => {
    const colour = kind === 'spike' ? '#0b6e4f' : '#3d5a98'
    const across = Math.min(1, Math.log10(eventsIn5Minutes / 10) / Math.log10(LARGEST / 10))
    const up = delaySeconds === null ? 1 : Math.min(delaySeconds / 60 / LONGEST_MINUTES, 1)
    return `<circle cx="${x(across)}" cy="${y(up)}" r="2.5" fill="${colour}" fill-opacity="0.5"/>`
  })
  return picture('Minutes until told (rises green, falls blue), by events in five minutes', [
    ...ticks([10, 100, 1000, 10_000].map(each => [Math.log10(each / 10) / Math.log10(LARGEST / 10), String(each)])),
    ...[0, 10, 20, 30].map(each => label(LEFT - 8, y(each / LONGEST_MINUTES) + 4, `${each} min`, 'end')),
    ...points
  ])
}

/** False alerts of each peer and month, on a scale of powers of ten. */
function falsePlot({ noise }: Evaluation): string {
  const scale = (each: number): number => Math.max(0, Math.min(1, (Math.log10(Math.max(each, 0.01)) + 2) / 6))
  const bars = noise.flatMap(({ watcher, falsePerPeerAndMonth }, at) => {
    const [left, top] = [x((at + 0.25) / 3), y(scale(falsePerPeerAndMonth))]
    const height = HEIGHT - BOTTOM - top
    return [
      `<rect x="${left}" y="${top}" width="${(WIDTH - LEFT) / 6}" height="${height}" fill="${colours[watcher]}"/>`,
      label(left + (WIDTH - LEFT) / 12, top - 6, falsePerPeerAndMonth.toFixed(2), 'middle'),
      label(left + (WIDTH - LEFT) / 12, HEIGHT - BOTTOM + 20, names[watcher], 'middle')
    ]
  })
  const lines = [0.01, 0.1, 1, 10, 100, 1000, 10_000].map(each =>
    label(LEFT - 8, y(scale(each)) + 4, String(each), 'end')
  )
  return picture('False alerts of each peer and month', [...lines, ...bars])
}

/** A rule can only see what has a counter of its own. */
const isSeenByAll = ({ kind, shape, signal }: Incident): boolean =>
  kind === 'spike' && shape === 'step' && signal !== 'post_dial_delay'

const x = (part: number): number => Math.round(LEFT + part * (WIDTH - LEFT - 20))
const y = (part: number): number => Math.round(HEIGHT - BOTTOM - part * (HEIGHT - BOTTOM - TOP))

const label = (at: number, height: number, text: string, anchor: string): string =>
  `<text x="${at}" y="${height}" text-anchor="${anchor}" font-size="12" fill="#444">${escaped(text)}</text>`

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const ticks = (of: readonly (readonly [number, string])[]): string[] =>
  of.map(([part, text]) => label(x(part), HEIGHT - BOTTOM + 20, text, 'middle'))

const shares = (): string[] =>
  [0, 0.25, 0.5, 0.75, 1].map(each => label(LEFT - 8, y(each) + 4, `${100 * each} %`, 'end'))

const legend = (): string[] =>
  (['earshot', 'naive', 'naive_20'] as const).flatMap((watcher, at) => [
    `<rect x="${WIDTH - 230}" y="${y(0.3) + 20 * at - 10}" width="12" height="12" fill="${colours[watcher]}"/>`,
    label(WIDTH - 212, y(0.3) + 20 * at, names[watcher], 'start')
  ])

const picture = (title: string, parts: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="22" font-size="15" fill="#222">${escaped(title)}</text>`,
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - 20}" fill="none" stroke="#999"/>`,
    ...parts,
    '</svg>\n'
  ].join('\n')
