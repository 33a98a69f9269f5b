// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "./Errors.sol";
import {Accounts} from "./Accounts.sol";
import {Funding} from "./Funding.sol";
import {Governed} from "./Governed.sol";
import {Liquidation} from "./Liquidation.sol";
import {EngineRules, Markets} from "./Markets.sol";

/// A perpetual exchange's rules on one chain: prices by a quorum of signers, funding by epoch, cross margin, liquidation by
/// anyone, and deleveraging where the insurance fund is at its end. Who may do what: Governed.sol.
contract PerpEngine is Liquidation {
    constructor(address governor, address guardian, address collateral, uint64 epochSeconds, EngineRules memory rules)
        Governed(governor, guardian)
        Markets(rules)
        Funding(epochSeconds)
        Accounts(collateral)
    {}

    /// Each call in its order, as if its caller had made it by itself. One that is refused changes nothing and stops no other:
    /// whoever liquidates many accounts must not lose all of them to somebody who was first at one. But one that fails for want
    /// of gas fails the whole, so that what a node estimates is enough for each.
    function batch(bytes[] calldata calls) external returns (bool[] memory done) {
        done = new bool[](calls.length);
        for (uint256 i = 0; i < calls.length; i++) {
            uint256 before = gasleft();
            (done[i],) = address(this).delegatecall(calls[i]);
            // A call gets 63 of 64 parts of the gas, and what it calls as many of those.
            if (!done[i] && gasleft() < before / 16) revert NotEnoughGas(i);
        }
    }
}
