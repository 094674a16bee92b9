import type { Chart } from './document.ts'

/** Drawn without a browser. Everything is in the SVG: it asks for nothing from elsewhere. */
export async function chartSvg({ title, spec }: Chart): Promise<string> {
  loading ??= load()
  const { compile, View, parse } = await loading
  const { spec: drawing } = compile({ background: 'white', config: look, description: title, ...spec })
  return new View(parse(drawing), { renderer: 'none' }).toSVG()
}

let loading: ReturnType<typeof load> | undefined

/** Takes half a second: whoever draws nothing does not wait for it. */
async function load() {
  const { compile } = await import('vega-lite')
  const { View, parse } = await import('vega')
  return { compile, View, parse }
}

const look = {
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: '#333',
    titleColor: '#333',
    gridColor: '#e5e5e5',
    domainColor: '#888',
    tickColor: '#888',
    labelLimit: 260
  },
  legend: { orient: 'top' as const, labelLimit: 260 }
}
