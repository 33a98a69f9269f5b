import { Command, Option } from 'commander'

import { durationArgument } from './for-option.ts'

export type BacktestOptions = {
  readonly data: readonly string[]
  readonly network: string
  readonly out: string
  readonly columns?: readonly string[]
  readonly market?: readonly string[]
  readonly engine?: string
  readonly from?: string
  readonly to?: string
  readonly bars?: number
  readonly accounts?: string
  readonly seed: string
  readonly with?: readonly string[]
  readonly sweep?: readonly string[]
  readonly checkpoint: number
}

const help = `
Plays recordings to the rules of a network file: prices of every round, pushes with their delay and cost, funding, and made
accounts that are liquidated and deleveraged by the exact rules of its evm-engine, starknet-perpetual or starkex. Asks nobody,
needs no key, and changes nothing but --out.

Recordings are CSV, also gzipped, with the header ts_ms,venue,symbol,price,bid,ask,volume[,open,high,low][,side,recv_ms]; a bar’s
time is its end. Others are mapped by --columns: ts_ms, ts_s, ts_us, ts_ns or ts_iso is when a row was known, open_ms and so on
when its bar began, with bar_ms:=60000; rows:=ticks says that rows without a side are trades or quotes. A file of one source alone
is given as venue:BASE-QUOTE=file.
Whatever is wrong with a recording is named with its line, and nothing is played then; gaps are told and never filled.

--with and --sweep take the network file’s parameters (starkeep govern parameters lists them) and the settings of the world it is
tried in: backtest.everySeconds, .pushLatencyMs, .liquidationDelayMs, .gasPerTransaction, .gasPerPrice, .usdPerGas, .wrongBps,
.slackBps, .accounts, .insuranceFundUsd, .initialMarginBps, .maintenanceMarginBps, .maxFundingRate, .maxPriceAgeSeconds; of an
evm-engine .penaltyBps, .liquidatorShareBps, .closeFactorBps, .smallPositionUsd; of starknet-perpetual .tiers, .tierStepBps,
.firstTierUsd, .tierUsd. The window of aggregation is backtest.everySeconds, how often a price is made, and
aggregation.maxQuoteAgeMs, how old a quote in it may be.

--out gets result.json, report.html and tables as CSV. The same arguments give the same files to the last byte; a run that was
stopped or killed goes on where it was when it is started again with them.

Examples:
  starkeep backtest --network infra/networks/local.yml --data depeg.csv.gz --bars 1m \\
    --with markets.BTC-USD.minSources=3 --out out
  starkeep backtest --network net.yml --data btc.csv --columns ts_s=time,price=close,venue:=kraken,symbol:=BTC-USD --out out
  starkeep backtest --network net.yml --data binance:BTC-USDT=klines.csv kraken:BTC-USD=k.csv --bars 1m \\
    --columns binance:open_us=#1,bar_ms:=60000,price=#5,volume=#6 kraken:open_s=#1,bar_ms:=60000,price=#5,volume=#6 --out out
  starkeep backtest --network net.yml --data *.csv.gz --bars 1m --with markets.BTC-USD.push.deviationBps=25 --out wider
  starkeep backtest --network net.yml --data *.csv.gz --bars 1m --sweep markets.BTC-USD.push.deviationBps=5,10,25,50 \\
    --sweep 'backtest.penaltyBps=50,100,200 backtest.insuranceFundUsd=0,100000,1000000' --out curves
`

export function backtestCommand(end: (code: number) => void): Command {
  return new Command('backtest')
    .description(
      'Play recordings to a network’s rules: what it would have pushed, refused, liquidated and paid.',
    )
    .requiredOption('--network <file>', 'the network file')
    .requiredOption('--data <files...>', 'recordings, each as file or venue:BASE-QUOTE=file')
    .requiredOption('--out <folder>', 'where the results go')
    .option(
      '--columns <names...>',
      'which columns are what: ts_ms=time,price=close,ignore=count; without a header by place: ts_ms=#1,price=#5; with a venue: before it for that venue’s files alone',
    )
    .option('--market <symbols...>', 'these markets alone')
    .option(
      '--engine <name>',
      'the exchange by whose rules and settings accounts are liquidated; by default the first evm-engine, else starknet-perpetual, else starkex',
    )
    .option(
      '--from <time>',
      'the first round, as 2023-03-10T18:00:00Z; by default where recordings begin',
    )
    .option('--to <time>', 'the last round; by default where they end')
    .addOption(
      new Option(
        '--bars <duration>',
        'recordings are bars of this length: a round each, quotes count for two of them, and what is unchanged for ten may be frozen',
      ).argParser(durationArgument),
    )
    .option(
      '--accounts <count>',
      'how many accounts are made; the same as --with backtest.accounts=',
    )
    .option('--seed <number>', 'of all that is made by chance', '1')
    .option('--with <path=value...>', 'other parameters than the network file’s')
    .option(
      '--sweep <path=a,b,c...>',
      'a curve: the run once more for each value; two with a space between for each pair',
    )
    .addOption(
      new Option('--checkpoint <duration>', 'how often its state is kept')
        .argParser(durationArgument)
        .default(10_000, '10s'),
    )
    .option('--verbose', 'tell more of what went wrong')
    .addHelpText('after', help)
    .action(async (options: BacktestOptions) => {
      // Loaded where it is needed only: help and a wrong option are answered at once.
      const { showBacktest } = await import('./backtest/show-backtest.ts')
      end(await showBacktest(options))
    })
}
