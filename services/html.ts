const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text from the wire, for HTML: between tags, or in a quoted attribute. Control characters become spaces. */
export const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, mark => marks[mark]!).replaceAll(/\p{Cc}/gu, ' ')
