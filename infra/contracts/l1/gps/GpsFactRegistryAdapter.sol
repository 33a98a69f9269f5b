// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FactRegistry, IFacts} from "./FactRegistry.sol";

/// Asks GPS about one program: whoever asks it knows only outputs.
contract GpsFactRegistryAdapter {
    IFacts public immutable gpsContract;
    uint256 public immutable programHash;

    constructor(address gps, uint256 program) {
        gpsContract = IFacts(gps);
        programHash = program;
    }

    function identify() external pure returns (string memory) {
        return "StarkWare_GpsFactRegistryAdapter_2020_1";
    }

    function isValid(bytes32 fact) external view returns (bool) {
        return gpsContract.isValid(keccak256(abi.encode(programHash, fact)));
    }

    function hasRegisteredFact() external view returns (bool) {
        return FactRegistry(address(gpsContract)).hasRegisteredFact();
    }
}
