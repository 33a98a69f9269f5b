/** A page as web servers and content networks send it where a program expects JSON. */
export function html(title: string): string {
  return [
    '<html>',
    `<head><title>${title}</title></head>`,
    `<body><center><h1>${title}</h1></center><hr></body>`,
    '</html>',
    '',
  ].join('\r\n')
}
