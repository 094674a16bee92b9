import { escaped } from '../html.ts'
import { chartSvg } from './chart-svg.ts'
import type { ReportDocument } from './document.ts'
import type { Sheet } from './sheet.ts'

/** All that the page may do, for whoever serves it. */
export const reportPolicy = "default-src 'none'; style-src 'unsafe-inline'"

/** One page that needs nothing from elsewhere, to be read, sent and printed: no script, and the charts in it. */
export async function reportHtml({ title, about, sheets, charts, notes }: ReportDocument): Promise<string> {
  const drawn = await Promise.all(
    charts.map(
      async chart => `<figure><figcaption>${escaped(chart.title)}</figcaption>${await chartSvg(chart)}</figure>`
    )
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${reportPolicy}">
<title>${escaped(title)}, ${escaped(about[0] ?? '')}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${about.map(line => `<p class="about">${escaped(line)}</p>`).join('\n')}
${sheets.map(sheetHtml).join('\n')}
${drawn.join('\n')}
<section class="notes">
${notes.map(note => `<p>${escaped(note)}</p>`).join('\n')}
</section>
<footer>Earshot</footer>
</body>
</html>
`
}

function sheetHtml({ title, columns, rows }: Sheet): string {
  const shown = columns.map((column, index) => ({ ...column, index })).filter(({ isDetail }) => !isDetail)
  const kindOf = (isNumber: boolean): string => (isNumber ? ' class="number"' : '')
  const head = shown.map(({ head, isNumber }) => `<th scope="col"${kindOf(isNumber)}>${escaped(head)}</th>`)
  const body = rows.map(cells => {
    const texts = shown.map(({ index, isNumber }) => `<td${kindOf(isNumber)}>${escaped(cells[index]!.text)}</td>`)
    return `<tr>${texts.join('')}</tr>`
  })
  const nothing = `<tr><td colspan="${shown.length}">nothing</td></tr>`
  return `<h2>${escaped(title)}</h2>
<div class="sheet" tabindex="0" role="region" aria-label="${escaped(title)}"><table>
<thead><tr>${head.join('')}</tr></thead>
<tbody>
${body.length > 0 ? body.join('\n') : nothing}
</tbody>
</table></div>`
}

const STYLE = `
:root { color-scheme: light; }
body { font: 14px/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 2rem auto; max-width: 84rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.about, .notes, footer { color: #555; }
.about { margin: .2rem 0; }
.sheet { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .45rem; text-align: left; border-bottom: 1px solid #ddd; white-space: nowrap; }
th { border-bottom: 2px solid #888; font-weight: 600; vertical-align: bottom; white-space: normal; }
.number { text-align: right; }
figure { margin: 2rem 0; break-inside: avoid; }
figcaption { font-weight: 600; margin-bottom: .3rem; }
svg { max-width: 100%; height: auto; }
.notes { margin-top: 2rem; max-width: 60rem; font-size: 13px; }
footer { font-size: 12px; }
@page { size: A4 landscape; margin: 12mm; }
@media print {
  body { margin: 0; max-width: none; padding: 0; font-size: 9pt; }
  .sheet { overflow: visible; }
  th, td { padding: .15rem .35rem; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
}
`
