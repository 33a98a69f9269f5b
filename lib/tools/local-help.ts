export const localHelp = `
Everything runs on this machine and is made at the first start: keys, an Ethereum and a Starknet node, both
exchanges' contracts, twenty simulated venues, receivers of alerts, and the store. The next start goes on where this
one was. Ctrl-C ends it; a second Ctrl-C ends it at once.

Markets:
  simulated         a random walk out of --seed; nothing outside this machine is asked
  recorded:<file>   plays a recording (CSV, .gz or not) with every venue that it has, --from on, at --speed
  live              asks the real venues

While it runs, in another terminal:
  npx starkeep status --network .starkeep/network.yml
  npx starkeep run push-prices --network .starkeep/network.yml --once

Make things fail (the addresses are shown at the start: \`venues\`, \`starknet admin\` and the like):
  curl -X POST <venues>/faults -d '{"venue":"kraken","fault":"timeout"}'
  curl -X POST <venues>/faults -d '{"venue":"coinbase","fault":"lie","factor":"1.2"}'
  curl -X POST <venues>/faults -d '{"venue":"extended","fault":"lie","factor":"1.05"}'
  curl -X DELETE <venues>/faults
  curl -X POST <venues>/scenarios -d '{"kind":"crash","by":0.1,"withinMs":60000}'
  curl -X DELETE <venues>/scenarios
  curl -X POST <starknet admin>/faults -d '{"fault":"stall"}'
  curl -X POST <starknet admin>/faults -d '{"fault":"reorg","blocks":3}'
  curl -X DELETE <starknet admin>/faults
  curl -X POST <second admin>/faults -d '{"fault":"lie","about":"height"}'
  curl -X DELETE <second admin>/faults
  curl -X POST <starkex admin>/faults -d '{"fault":"html","status":502,"after":true}'
  curl -X DELETE <starkex admin>/faults

Exit code: 0 where no rule was broken: no transaction reverted, each exchange was told its prices, no work was left
past its deadline, and no critical alert is open at the end. Otherwise 1.

Examples:
  npm start
  npm start -- --for 60s --json
  npm start -- --data /tmp/two --port 8080
  npm start -- --starkex
  npm start -- --blobs
  npm start -- --market recorded:recording.csv.gz --from 2023-03-10T18:00:00Z --speed 60
`
