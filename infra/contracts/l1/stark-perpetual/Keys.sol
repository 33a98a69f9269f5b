// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {common} from "./Storage.sol";

/// Which account acts for a key: the one that was registered, or the key itself where it is an address.
abstract contract Keys {
    modifier onlyKeyOwner(uint256 key) {
        require(msg.sender == _ownerOf(key), "MISMATCHING_STARK_ETH_KEYS");
        _;
    }

    function getEthKey(uint256 ownerKey) public view returns (address) {
        address registered = common().ethKeys[ownerKey];
        if (registered != address(0)) return registered;
        return ownerKey <= type(uint160).max ? address(uint160(ownerKey)) : address(0);
    }

    function _ownerOf(uint256 key) internal view returns (address owner) {
        owner = getEthKey(key);
        require(owner != address(0), "USER_UNREGISTERED");
    }
}
