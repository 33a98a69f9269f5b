import type {
  StarkexDeleverage,
  StarkexFundingTick,
  StarkexLiquidate,
} from '../../../lib/domain/starkex/transaction.ts'
import { timestamp } from '../../../lib/domain/time.ts'

/** A FUNDING_TICK of ApeX, from its explorer (l2beat/starkex-explorer). */
export const goldenFunding: StarkexFundingTick = {
  type: 'FUNDING_TICK',
  at: timestamp(1_662_512_400_000),
  ticks: [
    { assetId: 0x4254432d3130000000000000000000n, fundingIndex: -611_628_632n },
    { assetId: 0x444f47452d35000000000000000000n, fundingIndex: -317_421_406n },
    { assetId: 0x4554482d3900000000000000000000n, fundingIndex: -2_642_902_836n },
    { assetId: 0x4c494e4b2d37000000000000000000n, fundingIndex: -608_369_332n },
  ],
}

export const goldenFundingJson = {
  type: 'FUNDING_TICK',
  global_funding_indices: {
    indices: {
      '0x4254432d3130000000000000000000': '-611628632',
      '0x444f47452d35000000000000000000': '-317421406',
      '0x4554482d3900000000000000000000': '-2642902836',
      '0x4c494e4b2d37000000000000000000': '-608369332',
    },
    timestamp: '1662512400',
  },
}

/**
 * The documented LIQUIDATE of StarkEx perpetual, whose amounts are random and whose order's signature is right. The mock of
 * threesigmaxyz/starkex-dotnet-sdk lost the last digit of its nonce.
 */
export const goldenLiquidate: StarkexLiquidate = {
  type: 'LIQUIDATE',
  liquidated: 15_419_682_365_516_802_845n,
  order: {
    nonce: 3_900_315_155n,
    publicKey: 0x5db665983e23607de57d6dc068797336bfdcb954238044688bec922ca296d3en,
    synthetic: 16_558_026_091_473_266_411n,
    collateral: 8_187_132_600_743_567_510n,
    fee: 11_081_939_229_867_047_606n,
    syntheticAsset: 0x2n,
    collateralAsset: 0x57d05d11b570fd197b55746070ee051c731ee109b07255eab3c9cf8b6c579dn,
    position: 11_534_118_754_833_929_857n,
    isBuying: false,
    expirationHours: 1_430_804_514n,
    r: 0x4ac8a77f5863238a8bfb8a2e7f2dcc70cb8cad7b45692497b4b2c3ff06f6c94n,
    s: 0x6fd86c349a6c6266d34c11da0ff8c0cf211cafbadc39ba4a4c38124344f3bb1n,
  },
  actualCollateral: 7_758_176_404_715_800_194n,
  actualSynthetic: 15_308_084_094_301_570_617n,
  actualFee: 8_791_662_011_684_601_223n,
}

export const goldenLiquidateJson = {
  type: 'LIQUIDATE',
  liquidated_position_id: '15419682365516802845',
  liquidator_order: {
    order_type: 'LIMIT_ORDER_WITH_FEES',
    nonce: '3900315155',
    public_key: '0x5db665983e23607de57d6dc068797336bfdcb954238044688bec922ca296d3e',
    amount_synthetic: '16558026091473266411',
    amount_collateral: '8187132600743567510',
    amount_fee: '11081939229867047606',
    asset_id_synthetic: '0x2',
    asset_id_collateral: '0x57d05d11b570fd197b55746070ee051c731ee109b07255eab3c9cf8b6c579d',
    position_id: '11534118754833929857',
    is_buying_synthetic: false,
    expiration_timestamp: '1430804514',
    signature: {
      r: '0x4ac8a77f5863238a8bfb8a2e7f2dcc70cb8cad7b45692497b4b2c3ff06f6c94',
      s: '0x6fd86c349a6c6266d34c11da0ff8c0cf211cafbadc39ba4a4c38124344f3bb1',
    },
  },
  actual_collateral: '7758176404715800194',
  actual_synthetic: '15308084094301570617',
  actual_liquidator_fee: '8791662011684601223',
}

/** The hash that its order is signed by. */
export const goldenOrderHash = 0x6b146542ba6a27d2a3751934fabdb1c66ac967bfc18bc82c637bfcacdd3fea3n

export const goldenDeleverage: StarkexDeleverage = {
  type: 'DELEVERAGE',
  deleveraged: 7_758_176_404_715_800_194n,
  deleverager: 15_308_084_094_301_570_617n,
  asset: 0x1n,
  synthetic: 9_309_829_342_914_403_545n,
  collateral: 5_721_212_930_748_269_353n,
  isDeleveragerBuying: false,
}

export const goldenDeleverageJson = {
  type: 'DELEVERAGE',
  deleveraged_position_id: '7758176404715800194',
  deleverager_position_id: '15308084094301570617',
  synthetic_asset_id: '0x1',
  amount_synthetic: '9309829342914403545',
  amount_collateral: '5721212930748269353',
  deleverager_is_buying_synthetic: false,
}
