import { InvalidArgumentError } from 'commander'

/** A port on the command line. */
export function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('Expected a port from 0 to 65535; 0 takes any free one.')
  return port
}
