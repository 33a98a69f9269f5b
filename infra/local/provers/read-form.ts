/** A form as it was sent: its texts and files by their names (RFC 7578). Throws `TypeError` where it is none. */
export async function readForm(
  contentType: string,
  body: Uint8Array<ArrayBuffer>,
): Promise<Readonly<Record<string, string | File>>> {
  const response = new Response(body, { headers: { 'content-type': contentType } })
  // oxlint-disable-next-line typescript/no-deprecated -- it is for servers that must not hold a whole file in memory; we do
  return Object.fromEntries(await response.formData())
}
