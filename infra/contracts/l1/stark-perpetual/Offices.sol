// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governors} from "../proxy/Governors.sol";
import {common} from "./Storage.sol";

/// Who governs the exchange, which may be others than govern its proxy.
abstract contract Offices is Governors {
    /// Solidity's place for the entry of this name in a mapping that is the contract's first variable.
    bytes32 private constant GOVERNORS =
        keccak256(abi.encodePacked("StarkEx.Main.2019.GovernorsInformation", uint256(0)));

    function _office() internal pure override returns (Office storage office) {
        bytes32 slot = GOVERNORS;
        assembly ("memory-safe") {
            office.slot := slot
        }
    }
}

/// The governors' functions, in one part only.
abstract contract MainGovernance is Offices {
    function mainIsGovernor(address who) external view returns (bool) {
        return _isGovernor(who);
    }

    function mainNominateNewGovernor(address who) external {
        _nominate(who);
    }

    function mainRemoveGovernor(address who) external {
        _dismiss(who);
    }

    function mainAcceptGovernance() external {
        _accept();
    }

    function mainCancelNomination() external {
        _cancelNomination();
    }
}

/// Who may bring batches: at once, and at once no more.
abstract contract Operators is Offices {
    event LogOperatorAdded(address operator);
    event LogOperatorRemoved(address operator);

    modifier onlyOperator() {
        require(isOperator(msg.sender), "ONLY_OPERATOR");
        _;
    }

    function isOperator(address who) public view returns (bool) {
        return common().operators[who];
    }

    function registerOperator(address who) external onlyGovernance {
        _setOperator(who);
    }

    function unregisterOperator(address who) external onlyGovernance {
        common().operators[who] = false;
        emit LogOperatorRemoved(who);
    }

    function _setOperator(address who) internal {
        common().operators[who] = true;
        emit LogOperatorAdded(who);
    }
}
