/** Rows of cells as CSV (RFC 4180), a line for each; the first names the columns. */
export function csvText(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => row.map(csvCell).join(',')).join('\n')
}

/** What a spreadsheet would take for a formula is text: some cells are in a contract's or a venue's words. */
function csvCell(text: string): string {
  const safe = /^[=+@\t]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
