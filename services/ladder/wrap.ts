import stringWidth from 'string-width'

/**
 * Lines of at most that width, broken between words; a longer word is broken where the line ends.
 *
 * @param indent begins every line but the first
 */
export function wrapped(text: string, width: number, indent = ''): string[] {
  const lines: string[] = []
  let line = ''
  const end = (rest: string): void => {
    lines.push(line.trimEnd())
    line = `${indent}${rest}`
  }
  for (const word of text.split(/(?<=\s)/)) {
    if (stringWidth(`${line}${word}`.trimEnd()) > width && line.trim() !== '') end('')
    for (const character of word) {
      if (stringWidth(`${line}${character}`.trimEnd()) > width) end('')
      line += character
    }
  }
  if (line.trim() !== '') lines.push(line.trimEnd())
  return lines
}
