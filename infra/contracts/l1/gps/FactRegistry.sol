// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What can be asked for a fact.
interface IFacts {
    function isValid(bytes32 fact) external view returns (bool);
}

/// Facts that were registered. Nothing takes one back, and registering emits no event.
abstract contract FactRegistry is IFacts {
    mapping(bytes32 => bool) private registered;
    bool private any;

    function isValid(bytes32 fact) external view returns (bool) {
        return registered[fact];
    }

    function hasRegisteredFact() external view returns (bool) {
        return any;
    }

    function _register(bytes32 fact) internal {
        registered[fact] = true;
        if (!any) any = true;
    }
}
