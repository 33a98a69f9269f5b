import { secretReference } from './references.ts'
import { section } from './section.ts'

/** Certificates of both sides, each by reference. */
export const mutualTls = section({
  certificate: secretReference.describe('Ours, which the other side has signed or knows. PEM.'),
  key: secretReference.describe('The key of that certificate. PEM.'),
  ca: secretReference.describe(
    "Who signed the other side's certificate: nobody else is believed. PEM.",
  ),
})
