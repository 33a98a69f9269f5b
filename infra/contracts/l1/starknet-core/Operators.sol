// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../proxy/Governors.sol";
import {NamedMembers, membersAt} from "../proxy/Named.sol";

/// Who may bring updates. A governor is none unless it is registered.
abstract contract Operators is Governors {
    event LogOperatorAdded(address operator);
    event LogOperatorRemoved(address operator);

    bytes32 private constant OPERATORS = keccak256("STARKNET_1.0_ROLES_OPERATORS_MAPPING_TAG");

    modifier onlyOperator() {
        require(isOperator(msg.sender), "ONLY_OPERATOR");
        _;
    }

    function isOperator(address who) public view returns (bool) {
        return membersAt(OPERATORS).has[who];
    }

    function registerOperator(address who) external onlyGovernance {
        if (isOperator(who)) return;
        membersAt(OPERATORS).has[who] = true;
        emit LogOperatorAdded(who);
    }

    function unregisterOperator(address who) external onlyGovernance {
        if (!isOperator(who)) return;
        membersAt(OPERATORS).has[who] = false;
        emit LogOperatorRemoved(who);
    }
}
