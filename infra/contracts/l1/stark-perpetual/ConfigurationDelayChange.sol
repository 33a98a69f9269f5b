// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {perpetual} from "./Storage.sol";

/// A helper of an upgrade: the delay of configurations has no setter.
contract ConfigurationDelayChange {
    event LogExternalInitialize(bytes data);

    function initialize(bytes calldata data) external {
        require(data.length == 32, "INVALID_DATA_LENGTH");
        perpetual().configurationDelay = abi.decode(data, (uint256));
        emit LogExternalInitialize(data);
    }
}
